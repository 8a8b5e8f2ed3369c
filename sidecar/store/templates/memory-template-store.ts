import { randomUUID } from 'node:crypto';
import type { TemplateContent } from '../../../shared/templates/content.ts';
import type { Condition, StoredTemplate, TemplateHead, TemplateStore } from './template-store.ts';

interface Kept {
  userId: string;
  head: Omit<TemplateHead, 'versions' | 'bytes' | 'name' | 'command' | 'description'>;
  /** Each version as JSON, so that no caller can change a stored version. */
  versions: Map<number, string>;
  latest: number;
  expiresAt: number;
}

/** Above `maxBytes` in total, the least recently used templates are deleted. */
export function createMemoryTemplateStore({ ttlMs, maxBytes }: { ttlMs: number; maxBytes: number }): TemplateStore {
  /** In the order of their last change or use. */
  const templates = new Map<string, Kept>();

  const keyOf = (userId: string, id: string): string => `${userId}\n${id}`;
  const bytesOf = ({ versions }: Kept): number =>
    [...versions.values()].reduce((sum, json) => sum + Buffer.byteLength(json), 0);

  function find(userId: string, id: string): Kept | undefined {
    const key = keyOf(userId, id);
    const kept = templates.get(key);
    if (kept && kept.expiresAt <= Date.now()) templates.delete(key);
    return templates.get(key);
  }

  function keep(kept: Kept): void {
    const key = keyOf(kept.userId, kept.head.id);
    kept.expiresAt = Date.now() + ttlMs;
    templates.delete(key);
    templates.set(key, kept);
    let bytes = [...templates.values()].reduce((sum, each) => sum + bytesOf(each), 0);
    for (const [oldest, other] of templates) {
      if (bytes <= maxBytes || oldest === key) return;
      bytes -= bytesOf(other);
      templates.delete(oldest);
    }
  }

  const contentIn = (kept: Kept, version: number): TemplateContent | null => {
    const json = kept.versions.get(version);
    return json === undefined ? null : (JSON.parse(json) as TemplateContent);
  };

  function headOf(kept: Kept): TemplateHead {
    const { name, command, description } = contentIn(kept, kept.head.live)!;
    return { ...kept.head, versions: [...kept.versions.keys()], bytes: bytesOf(kept), name, command, description };
  }

  const toStored = (kept: Kept, version = kept.head.live): StoredTemplate => ({
    ...headOf(kept),
    version,
    content: contentIn(kept, version),
  });

  const isMeant = (condition: Condition, kept: Kept): boolean =>
    condition === 'any' || condition.includes(kept.head.tag);

  const changed = (kept: Kept): StoredTemplate => {
    kept.head.tag = randomUUID();
    kept.head.updatedAt = new Date().toISOString();
    keep(kept);
    return toStored(kept);
  };

  const of = (userId: string): Kept[] =>
    [...templates.values()].flatMap(({ userId: owner, head }) =>
      owner === userId ? (find(userId, head.id) ?? []) : [],
    );

  return {
    list: async (userId) => of(userId).map(headOf),

    async get(userId, id, version) {
      const kept = find(userId, id);
      return kept ? toStored(kept, version) : null;
    },

    async create(userId, created, { maxTemplates }) {
      if (created.some(({ id }) => find(userId, id))) return 'exists';
      if (of(userId).length + created.length > maxTemplates) return 'full';
      const now = new Date().toISOString();
      for (const { id, content } of created) {
        const head = { id, tag: randomUUID(), live: 1, createdAt: now, updatedAt: now, publishedAt: null };
        keep({ userId, head, versions: new Map([[1, JSON.stringify(content)]]), latest: 1, expiresAt: 0 });
      }
      return 'created';
    },

    async put(userId, id, { condition, content, maxVersions }) {
      const kept = find(userId, id);
      if (!kept) return 'absent';
      if (!isMeant(condition, kept)) return 'changed';
      kept.latest += 1;
      kept.versions.set(kept.latest, JSON.stringify(content));
      kept.head.live = kept.latest;
      for (const version of kept.versions.keys())
        if (version <= kept.latest - maxVersions) kept.versions.delete(version);
      return changed(kept);
    },

    async change(userId, id, { condition, live, isPublished }) {
      const kept = find(userId, id);
      if (!kept) return 'absent';
      if (!isMeant(condition, kept)) return 'changed';
      if (live !== undefined && !kept.versions.has(live)) return 'no-version';
      if (live !== undefined) kept.head.live = live;
      if (isPublished !== undefined)
        kept.head.publishedAt = isPublished ? (kept.head.publishedAt ?? new Date().toISOString()) : null;
      return changed(kept);
    },

    async delete(userId, id, condition) {
      const kept = find(userId, id);
      if (!kept) return 'absent';
      if (!isMeant(condition, kept)) return 'changed';
      templates.delete(keyOf(userId, id));
      return 'deleted';
    },

    all: async (userId) => of(userId).map(({ head }) => head.id),

    async touch(userId, id) {
      const kept = find(userId, id);
      if (kept) keep(kept);
    },

    async published(id) {
      return [...templates.values()]
        .filter(({ userId, head }) => (id ?? head.id) === head.id && find(userId, head.id)?.head.publishedAt)
        .sort((a, b) => (a.head.publishedAt! < b.head.publishedAt! ? -1 : 1))
        .map((kept) => ({ userId: kept.userId, template: toStored(kept) }));
    },
  };
}
