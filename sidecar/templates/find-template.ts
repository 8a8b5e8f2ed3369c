import { RejoinError } from '../../shared/errors.ts';
import type { TemplateContent } from '../../shared/templates/content.ts';
import type { Template, TemplateSummary } from '../../shared/templates/template.ts';
import type { StoredTemplate, TemplateHead, TemplateStore } from '../store/templates/template-store.ts';
import { shippedIds, shippedTemplates } from './shipped.ts';

/** A template, as seen by the person who asked for it. `ownerId`: the owner of the template; `null` if it is shipped with Rejoin. */
export interface FoundTemplate {
  template: Template;
  ownerId: string | null;
}

/** Finds the templates that a person may use: their own, then the published ones, then the shipped ones. */
export function createTemplateFinder({ store }: { store: TemplateStore }) {
  /** The templates that other people have published, in the order of publication. `id`: only those with this id. */
  const publishedFor = async (userId: string, id?: string) =>
    (await store.published(id)).filter((one) => one.userId !== userId);

  /** `language`: lists the shipped templates of this language, or the English ones if the language has none. */
  async function list(userId: string, language = 'en'): Promise<TemplateSummary[]> {
    const [own, published] = await Promise.all([store.list(userId), publishedFor(userId)]);
    const byName = (a: TemplateHead, b: TemplateHead) => (a.name < b.name ? -1 : 1);
    return [
      ...own.sort(byName).map((head) => summaryOf(head, 'own')),
      ...published
        .map(({ template }) => template)
        .sort(byName)
        .map((head) => summaryOf(head, 'published')),
      ...shippedIds(language).map((id) => summaryOf(shippedHead(id, shippedTemplates.get(id)!), 'shipped')),
    ];
  }

  /**
   * Throws `not_found` if there is no such template, or if the version is not kept. People other than the owner of a published
   * template see only its live version.
   */
  async function find(userId: string, id: string, version?: number): Promise<FoundTemplate> {
    const own = await store.get(userId, id, version);
    if (own !== null) return { template: toTemplate(own, 'own'), ownerId: userId };
    const [published] = await publishedFor(userId, id);
    if (published)
      return { template: toTemplate(asPublished(published.template, version), 'published'), ownerId: published.userId };
    const content = shippedTemplates.get(id);
    if (content === undefined) throw new RejoinError('not_found');
    const kept = version === undefined || version === 1 ? content : null;
    return {
      template: toTemplate({ ...shippedHead(id, content), version: version ?? 1, content: kept }, 'shipped'),
      ownerId: null,
    };
  }

  return { list, find };
}
export type TemplateFinder = ReturnType<typeof createTemplateFinder>;

/** The template as people other than its owner see it. `version`: the version that was asked for. */
function asPublished(live: StoredTemplate, version = live.live): StoredTemplate {
  return { ...live, versions: [live.live], version, content: version === live.live ? live.content : null };
}

/** A shipped template has no history, so the fields of its history have fixed values. */
const SHIPPED_AT = '2026-11-27T00:00:00.000Z';
const shippedHead = (id: string, { name, command, description }: TemplateContent): TemplateHead => ({
  id,
  tag: 'shipped',
  live: 1,
  versions: [1],
  bytes: 0,
  createdAt: SHIPPED_AT,
  updatedAt: SHIPPED_AT,
  publishedAt: SHIPPED_AT,
  name,
  command,
  description,
});

function summaryOf(
  { id, name, command, description, live, updatedAt, publishedAt }: TemplateHead,
  origin: TemplateSummary['origin'],
): TemplateSummary {
  return { id, name, command, description, origin, published: publishedAt !== null, live, updatedAt };
}

/** Throws `not_found` if this version is not kept. */
export function toTemplate(stored: StoredTemplate, origin: Template['origin']): Template {
  const { id, version, live, versions, createdAt, updatedAt, publishedAt, tag, content } = stored;
  if (content === null) {
    const kept =
      versions.length === 1 ? `only version ${versions[0]} is` : `versions ${versions[0]} to ${versions.at(-1)} are`;
    throw new RejoinError('not_found', { detail: `Version ${version} of this template is missing; ${kept} kept.` });
  }
  const published = publishedAt !== null;
  return { ...content, id, origin, published, version, live, versions, createdAt, updatedAt, etag: tag };
}
