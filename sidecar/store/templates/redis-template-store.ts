import { randomUUID } from 'node:crypto';
import type { TemplateContent } from '../../../shared/templates/content.ts';
import { PUBLISHED_TEMPLATES, templateKey, userTemplatesKey } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import type { ChangeResult, Condition, StoredTemplate, TemplateHead, TemplateStore } from './template-store.ts';

type Changed = 'done' | 'absent' | 'changed' | 'no-version';
/** What `read.lua` returns. */
type ReadReply = [] | [string, string, string, string, string, string, string, string, string, string, string];

/** A creation that is not complete after this time counts as interrupted. `list` then deletes its templates. */
const CREATION_MS = 60_000;

/**
 * Each template is one hash, which expires by itself. Each person has a list of templates: a sorted set of template ids. The score of
 * an id is the time of the last change. While a template is being created, the score is the time at which its creation began, negated.
 * The list may contain ids of templates that have expired. Reading the list removes these ids.
 */
export function createRedisTemplateStore({ redis, ttlMs }: { redis: RedisConnection; ttlMs: number }): TemplateStore {
  const { commands, bulkText, call, callBulk } = redis;
  const ttl = String(ttlMs);
  const now = (): string => new Date().toISOString();
  const conditionOf = (condition: Condition): string => (condition === 'any' ? 'any' : condition.join(' '));

  async function read(userId: string, id: string, version: string): Promise<StoredTemplate | null> {
    const reply = await callBulk(bulkText.readTemplate([templateKey(userId, id)], [version]));
    return toStored(id, reply as ReadReply);
  }

  const get: TemplateStore['get'] = (userId, id, version) =>
    read(userId, id, version === undefined ? '' : String(version));

  function putVersion(userId: string, id: string, condition: string, content: TemplateContent, maxVersions: number) {
    const json = JSON.stringify(content);
    const { name, command, description } = content;
    const head = JSON.stringify({ name, command, description });
    const args = [
      condition,
      randomUUID(),
      now(),
      ttl,
      String(maxVersions),
      json,
      head,
      String(Buffer.byteLength(json)),
    ];
    return call(commands.putTemplate([templateKey(userId, id)], args)) as Promise<Changed>;
  }

  /** Gives templates a positive score in the person's list, so that `list` returns them. */
  const index = (userId: string, ids: readonly string[]) => {
    const score = Date.now();
    return call(
      Promise.all([
        commands.zAdd(
          userTemplatesKey(userId),
          ids.map((value) => ({ value, score })),
        ),
        commands.pExpire(userTemplatesKey(userId), ttlMs),
      ]),
    );
  };

  async function afterChange(userId: string, id: string, changed: Changed): Promise<ChangeResult> {
    if (changed !== 'done') return changed;
    const [stored] = await Promise.all([get(userId, id), index(userId, [id])]);
    return stored ?? 'absent';
  }

  async function forget(userId: string, ids: readonly string[]): Promise<void> {
    if (ids.length > 0) await call(commands.zRem(userTemplatesKey(userId), [...ids]));
  }

  async function removeAll(userId: string, ids: readonly string[]): Promise<void> {
    await call(Promise.all(ids.map((id) => commands.deleteTemplate([templateKey(userId, id)], ['any']))));
    await forget(userId, ids);
  }

  const enlist = (place: string) =>
    call(commands.zAdd(PUBLISHED_TEMPLATES, { value: place, score: Date.now() }, { condition: 'NX' }));

  const at = (place: string) => get(ownerOf(place), place.slice(place.indexOf(':') + 1));

  /** Removes templates from the list of published ones, because they are not published any more. */
  async function unlist(places: readonly string[]): Promise<void> {
    await call(commands.zRem(PUBLISHED_TEMPLATES, [...places]));
    // A template that was published again meanwhile has to be in the list, so it is put back.
    for (const place of places) if ((await at(place))?.publishedAt) await enlist(place);
  }

  return {
    async list(userId) {
      const places = await callBulk(bulkText.zRangeWithScores(userTemplatesKey(userId), 0, -1));
      const found = await Promise.all(places.map(({ value }) => read(userId, value, '-')));
      const expired = places.filter(({ score }, at) => found[at] === null && score > 0).map(({ value }) => value);
      const givenUp = places.filter(({ score }) => score <= 0 && -score < Date.now() - CREATION_MS);
      if (expired.length > 0) await forget(userId, expired);
      if (givenUp.length > 0)
        await removeAll(
          userId,
          givenUp.map(({ value }) => value),
        );
      return found.flatMap((template, at) => (template !== null && places[at]!.score > 0 ? [headOf(template)] : []));
    },

    get,

    async create(userId, templates, { maxTemplates }) {
      const ids = templates.map(({ id }) => id);
      const reserve = () =>
        call(
          commands.reserveTemplates(
            [userTemplatesKey(userId)],
            [String(maxTemplates), ttl, String(-Date.now()), ...ids],
          ),
        ) as Promise<'done' | 'full' | 'exists'>;
      let reserved = await reserve();
      if (reserved !== 'done') {
        // Some templates in the list may have expired, and must not count. Reading the list removes them.
        await this.list(userId);
        reserved = await reserve();
      }
      if (reserved !== 'done') return reserved;
      const written: string[] = [];
      try {
        for (const { id, content } of templates) {
          if ((await putVersion(userId, id, 'absent', content, 1)) !== 'done') {
            await removeAll(userId, written);
            return 'exists';
          }
          written.push(id);
        }
        // One command changes the scores of all new templates, so that `list` shows all of them or none.
        await index(userId, ids);
        return 'created';
      } catch (error) {
        await removeAll(userId, written).catch(() => {
          // Redis is away. `list` does not show these templates, and a later call of `list` deletes them.
        });
        throw error;
      }
    },

    put: async (userId, id, { condition, content, maxVersions }) =>
      afterChange(userId, id, await putVersion(userId, id, conditionOf(condition), content, maxVersions)),

    async change(userId, id, { condition, live, isPublished }) {
      const publishing = isPublished === undefined ? '' : isPublished ? 'publish' : 'withdraw';
      const place = placeOf(userId, id);
      // The template is listed first and published second. So no published template is missing in the list if this process dies
      // in between.
      if (isPublished) await enlist(place);
      const args = [
        conditionOf(condition),
        randomUUID(),
        now(),
        ttl,
        live === undefined ? '' : String(live),
        publishing,
      ];
      const changed = (await call(commands.changeTemplate([templateKey(userId, id)], args))) as Changed;
      // A call of `published` may have removed the template from the list before the template was published.
      if (changed === 'done' && isPublished) await enlist(place);
      if (changed === 'done' && isPublished === false) await call(commands.zRem(PUBLISHED_TEMPLATES, place));
      return afterChange(userId, id, changed);
    },

    async delete(userId, id, condition) {
      const result = (await call(
        commands.deleteTemplate([templateKey(userId, id)], [conditionOf(condition)]),
      )) as Changed;
      if (result === 'changed') return 'changed';
      await Promise.all([forget(userId, [id]), call(commands.zRem(PUBLISHED_TEMPLATES, placeOf(userId, id)))]);
      return result === 'done' ? 'deleted' : 'absent';
    },

    all: (userId) => callBulk(bulkText.zRange(userTemplatesKey(userId), 0, -1)),

    async touch(userId, id) {
      await call(
        Promise.all([
          commands.pExpire(templateKey(userId, id), ttlMs),
          commands.pExpire(userTemplatesKey(userId), ttlMs),
        ]),
      );
    },

    async published(id) {
      const all = await callBulk(bulkText.zRange(PUBLISHED_TEMPLATES, 0, -1));
      const places = id === undefined ? all : all.filter((place) => place.endsWith(`:${id}`));
      const found = await Promise.all(places.map(at));
      const gone = places.filter((_place, index) => !found[index]?.publishedAt);
      if (gone.length > 0) await unlist(gone);
      return found.flatMap((template, index) =>
        template?.publishedAt ? [{ userId: ownerOf(places[index]!), template }] : [],
      );
    },
  };
}

const placeOf = (userId: string, id: string): string => `${userId}:${id}`;
const ownerOf = (place: string): string => place.slice(0, place.indexOf(':'));

function toStored(id: string, reply: ReadReply): StoredTemplate | null {
  if (reply.length === 0) return null;
  const [version, json, tag, live, oldest, latest, bytes, createdAt, updatedAt, publishedAt, head] = reply;
  const { name, command, description } = JSON.parse(head) as Pick<TemplateHead, 'name' | 'command' | 'description'>;
  const first = Number(oldest);
  return {
    id,
    tag,
    live: Number(live),
    versions: Array.from({ length: Number(latest) - first + 1 }, (_, index) => first + index),
    bytes: Number(bytes),
    createdAt,
    updatedAt,
    publishedAt: publishedAt === '' ? null : publishedAt,
    name,
    command,
    description,
    version: Number(version),
    content: json === '' ? null : (JSON.parse(json) as TemplateContent),
  };
}

const headOf = ({ version: _version, content: _content, ...head }: StoredTemplate): TemplateHead => head;
