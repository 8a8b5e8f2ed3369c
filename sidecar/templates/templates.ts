import { randomBytes } from 'node:crypto';
import { RejoinError } from '../../shared/errors.ts';
import type { TemplateContent } from '../../shared/templates/content.ts';
import {
  MAX_TEMPLATES,
  MAX_VERSIONS,
  type ImportAnswer,
  type Template,
  type TemplateFile,
  type TemplateImport,
  type TemplatePatch,
  type TemplateSummary,
} from '../../shared/templates/template.ts';
import type { Quota, Owner } from '../limits/quota.ts';
import type { ChangeResult, Condition, StoredTemplate, TemplateStore } from '../store/templates/template-store.ts';
import { toTemplate, type TemplateFinder } from './find-template.ts';

export interface TemplateEditor extends Owner {
  /** Only administrators may publish templates. */
  isAdmin: boolean;
}

/** What a person can do with templates. A call for a template that the person may not see throws `not_found`. */
export interface Templates {
  /** `language`: the language of the shipped templates. Default: English. */
  list(userId: string, language?: string): Promise<TemplateSummary[]>;
  get(userId: string, id: string, version?: number): Promise<Template>;
  /**
   * `created`: false if the person already has a template with this id and the same content. Throws `template_changed` if the
   * person has a template with this id and other content.
   */
  create(
    by: TemplateEditor,
    template: TemplateContent & { id?: string },
  ): Promise<{ created: boolean; template: Template }>;
  /** Adds a version and makes it the live one. Throws `template_changed` if `condition` does not hold. */
  put(by: TemplateEditor, id: string, change: { condition: Condition; content: TemplateContent }): Promise<Template>;
  patch(by: TemplateEditor, id: string, change: { condition: Condition; patch: TemplatePatch }): Promise<Template>;
  delete(by: TemplateEditor, id: string, condition: Condition): Promise<void>;
  deleteAll(by: Owner): Promise<void>;
  export(userId: string): Promise<TemplateFile>;
  /** Creates all new templates of the file or none. Skips a template if the person already has one with the same content. */
  import(by: TemplateEditor, file: TemplateImport): Promise<ImportAnswer>;
}

export function createTemplates({
  store,
  finder,
  quota,
}: {
  store: TemplateStore;
  finder: TemplateFinder;
  quota: Pick<Quota, 'reserveTemplates' | 'recordTemplates'>;
}): Templates {
  /** The person's own template. Throws `forbidden` for a template that the person may see but does not own. */
  async function own(userId: string, id: string): Promise<StoredTemplate> {
    const stored = await store.get(userId, id);
    if (stored !== null) return stored;
    await finder.find(userId, id);
    throw new RejoinError('forbidden', {
      detail: 'This template is for everybody, and not yours to change. Save a copy of it under another id.',
    });
  }

  function toOwn(result: ChangeResult): Template {
    switch (result) {
      case 'absent':
        throw new RejoinError('not_found');
      case 'changed':
        throw new RejoinError('template_changed');
      case 'no-version':
        throw new RejoinError('template_invalid', {
          detail: 'live: This version of the template is gone.',
          extra: { issues: [{ path: 'live', message: 'This version of the template is gone.' }] },
        });
      default:
        return toTemplate(result, 'own');
    }
  }

  /** For each id, replaces the bytes reserved in the quota by the size of the template that is stored under this id; 0 if there is none. */
  async function recount(by: Owner, ids: readonly string[]): Promise<void> {
    const stored = await Promise.all(ids.map((id) => store.get(by.userId, id)));
    await quota.recordTemplates(
      by,
      ids.map((id, at) => ({ id, bytes: stored[at]?.bytes ?? 0 })),
    );
  }

  async function createAll(by: Owner, templates: readonly { id: string; content: TemplateContent }[]): Promise<void> {
    const ids = templates.map(({ id }) => id);
    let result: Awaited<ReturnType<TemplateStore['create']>>;
    try {
      await quota.reserveTemplates(
        by,
        templates.map(({ id, content }) => ({ id, bytes: bytesOf(content) })),
      );
      result = await store.create(by.userId, templates, { maxTemplates: MAX_TEMPLATES });
    } catch (error) {
      await recount(by, ids).catch(() => {
        // Redis is away. The reserved bytes stay counted until the reservation expires.
      });
      throw error;
    }
    if (result === 'created') return;
    await recount(by, ids);
    if (result === 'exists')
      throw new RejoinError('template_changed', { detail: 'There is a template with this id already.' });
    throw new RejoinError('quota_exceeded', {
      detail: `You can have ${MAX_TEMPLATES} templates. Delete some of them and try again.`,
    });
  }

  return {
    list: finder.list,
    get: async (userId, id, version) => (await finder.find(userId, id, version)).template,

    async create(by, { id: wanted, ...content }) {
      const id = wanted ?? newId();
      const known = wanted === undefined ? null : await store.get(by.userId, id);
      if (known?.content && textOf(known.content) === textOf(content))
        return { created: false, template: toTemplate(known, 'own') };
      await createAll(by, [{ id, content }]);
      return { created: true, template: (await finder.find(by.userId, id)).template };
    },

    async put(by, id, { condition, content }) {
      const before = await own(by.userId, id);
      try {
        await quota.reserveTemplates(by, [{ id, bytes: before.bytes + bytesOf(content) }]);
        return toOwn(await store.put(by.userId, id, { condition, content, maxVersions: MAX_VERSIONS }));
      } finally {
        // `recount` reads the template again, because another request may have changed or deleted it after this one.
        await recount(by, [id]);
      }
    },

    async patch(by, id, { condition, patch: { live, published } }) {
      if (published !== undefined && !by.isAdmin)
        throw new RejoinError('forbidden', { detail: 'Only administrators can publish templates.' });
      await own(by.userId, id);
      return toOwn(await store.change(by.userId, id, { condition, live, isPublished: published }));
    },

    async delete(by, id, condition) {
      await own(by.userId, id);
      if ((await store.delete(by.userId, id, condition)) === 'changed') throw new RejoinError('template_changed');
      await quota.recordTemplates(by, [{ id, bytes: 0 }]);
    },

    async deleteAll(by) {
      const ids = await store.all(by.userId);
      await Promise.all(ids.map((id) => store.delete(by.userId, id, 'any')));
      if (ids.length > 0)
        await quota.recordTemplates(
          by,
          ids.map((id) => ({ id, bytes: 0 })),
        );
    },

    async export(userId) {
      const heads = await store.list(userId);
      const stored = await Promise.all(heads.map(({ id }) => store.get(userId, id)));
      const templates = stored.flatMap((one) => (one?.content ? [{ id: one.id, ...one.content }] : []));
      return { rejoinTemplates: 1, templates };
    },

    async import(by, { templates }) {
      const { templates: known } = await this.export(by.userId);
      // Each template is turned into JSON only once. If each comparison made the JSON again, two hundred large templates would
      // block the process for seconds.
      const there = new Set(known.map((template) => textOf(contentOf(template))));
      const fresh = templates.filter((template) => !there.has(textOf(contentOf(template))));
      const taken = new Set(known.map(({ id }) => id));
      const created = fresh.map((template) => {
        const id = template.id === undefined || taken.has(template.id) ? newId() : template.id;
        taken.add(id);
        return { id, content: contentOf(template) };
      });
      if (created.length > 0) await createAll(by, created);
      return { created: created.map(({ id }) => id), unchanged: templates.length - fresh.length };
    },
  };
}

const newId = (): string => randomBytes(12).toString('base64url');

const bytesOf = (content: TemplateContent): number => Buffer.byteLength(textOf(content));

const contentOf = ({ id: _id, ...content }: TemplateContent & { id?: string }): TemplateContent => content;

/** Equal contents have equal texts: the same schema has parsed every content, so the fields are in the same order. */
const textOf = (content: TemplateContent): string => JSON.stringify(content);
