import { describe, expect, test } from 'vitest';
import type { TemplateContent } from '../../../shared/templates/content.ts';
import { randomId } from '../../../testing/sample-stream.ts';
import type { StoredTemplate, TemplateStore } from './template-store.ts';

const content = (message: string): TemplateContent => ({
  name: `Template ${message}`,
  command: 'review',
  description: '',
  instructions: '',
  message,
  variables: [],
});

/** Every promise of {@link TemplateStore}, as tests that any store must pass. */
export function templateStoreSuite(name: string, makeStore: () => TemplateStore): void {
  async function somebody(...messages: string[]) {
    const store = makeStore();
    const userId = randomId('user');
    const create = (ids: readonly string[], maxTemplates = 5) =>
      store.create(
        userId,
        ids.map((id) => ({ id, content: content(id) })),
        { maxTemplates },
      );
    if (messages.length > 0) expect(await create(messages)).toBe('created');
    const get = async (id: string, version?: number) => (await store.get(userId, id, version))!;
    const ids = async () => (await store.list(userId)).map(({ id }) => id).sort();
    return { store, userId, create, get, ids };
  }

  describe(`${name}: a template`, () => {
    test('keeps its versions as they were written, and `live` says which one is used', async () => {
      const { store, userId, get } = await somebody('a');
      const first = await get('a');
      expect(first).toMatchObject({ version: 1, live: 1, versions: [1], content: content('a'), publishedAt: null });
      const put = await store.put(userId, 'a', { condition: [first.tag], content: content('b'), maxVersions: 9 });
      expect(put).toMatchObject({ version: 2, live: 2, versions: [1, 2], name: 'Template b' });
      expect(await get('a', 1)).toMatchObject({ version: 1, live: 2, content: content('a') });
      const { tag } = await get('a');
      expect(await store.change(userId, 'a', { condition: [tag], live: 1 })).toMatchObject({
        live: 1,
        name: 'Template a',
      });
      expect(await store.change(userId, 'a', { condition: 'any', live: 7 })).toBe('no-version');
    });

    test('drops its oldest versions, and counts the bytes of the others', async () => {
      const { store, userId, get } = await somebody('a');
      const one = (await get('a')).bytes;
      for (const message of ['b', 'c', 'd'])
        await store.put(userId, 'a', { condition: 'any', content: content(message), maxVersions: 2 });
      expect(await get('a')).toMatchObject({ live: 4, versions: [3, 4], bytes: 2 * one });
      expect(await get('a', 2)).toMatchObject({ version: 2, content: null });
    });

    test('is changed only if the condition of the change contains the present tag', async () => {
      const { store, userId, get } = await somebody('a');
      const { tag } = await get('a');
      const put = (condition: readonly string[]) =>
        store.put(userId, 'a', { condition, content: content('b'), maxVersions: 9 });
      const results = await Promise.all(Array.from({ length: 10 }, () => put([tag])));
      expect(results.filter((result) => typeof result === 'object')).toHaveLength(1);
      expect(results.filter((result) => result === 'changed')).toHaveLength(9);
      expect(await put([])).toBe('changed');
      expect(await store.change(userId, 'a', { condition: [tag], live: 1 })).toBe('changed');
      expect(await store.delete(userId, 'a', [tag])).toBe('changed');
      const now = await get('a');
      expect(now.versions).toEqual([1, 2]);
      expect(await store.delete(userId, 'a', ['other', now.tag])).toBe('deleted');
    });

    test('belongs to one person, and does not exist for others', async () => {
      const { store } = await somebody('a');
      const other = randomId('user');
      expect(await store.get(other, 'a')).toBeNull();
      expect(await store.put(other, 'a', { condition: 'any', content: content('b'), maxVersions: 9 })).toBe('absent');
      expect(await store.change(other, 'a', { condition: 'any', isPublished: true })).toBe('absent');
      expect(await store.delete(other, 'a', 'any')).toBe('absent');
      expect(await store.list(other)).toEqual([]);
    });

    test('that was deleted and made again has another tag', async () => {
      const { store, userId, create, get } = await somebody('a');
      const { tag } = await get('a');
      await store.delete(userId, 'a', 'any');
      expect(await create(['a'])).toBe('created');
      expect(await store.delete(userId, 'a', [tag])).toBe('changed');
    });

    test('is in `published` until it is withdrawn or deleted', async () => {
      const { store, userId } = await somebody('a', 'b');
      const mine = async (id?: string) =>
        (await store.published(id)).filter((one) => one.userId === userId).map(({ template }) => template.id);
      for (const id of ['b', 'a']) {
        const published = await store.change(userId, id, { condition: 'any', isPublished: true });
        expect((published as StoredTemplate).publishedAt).not.toBeNull();
      }
      expect((await mine()).sort()).toEqual(['a', 'b']);
      expect(await mine('a')).toEqual(['a']);
      expect(await store.change(userId, 'a', { condition: 'any', isPublished: false })).toMatchObject({
        publishedAt: null,
      });
      await store.delete(userId, 'b', 'any');
      expect(await mine()).toEqual([]);
    });
  });

  describe(`${name}: several templates`, () => {
    test('are all created, or none of them is', async () => {
      const { create, ids, store, userId } = await somebody('a');
      expect(await create(['b', 'a', 'c'])).toBe('exists');
      expect(await create(['b', 'c', 'd', 'e', 'f'])).toBe('full');
      expect(await ids()).toEqual(['a']);
      expect(await create(['b', 'c', 'd', 'e'])).toBe('created');
      expect(await ids()).toEqual(['a', 'b', 'c', 'd', 'e']);
      expect((await store.all(userId)).sort()).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    test('are never more than the maximum, even if they are created at the same time', async () => {
      const { create, ids } = await somebody();
      const results = await Promise.all(Array.from({ length: 12 }, (_, i) => create([`t${i}`], 3)));
      expect(results.filter((result) => result === 'created')).toHaveLength(3);
      expect(await ids()).toHaveLength(3);
    });

    test('make room when they are deleted', async () => {
      const { create, store, userId, ids } = await somebody('a', 'b');
      expect(await create(['c'], 2)).toBe('full');
      await store.delete(userId, 'a', 'any');
      expect(await create(['c'], 2)).toBe('created');
      expect(await ids()).toEqual(['b', 'c']);
    });
  });
}
