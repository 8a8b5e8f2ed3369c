import { describe, expect, test } from 'vitest';
import { optionsOf } from '../../../shared/chat/share-options.ts';
import { randomId } from '../../../testing/sample-stream.ts';
import type { ChatStore } from '../chats/chat-store.ts';
import type { ShareDefinition, ShareStore, StoredShare } from './share-store.ts';

export interface ShareStores {
  shares: ShareStore;
  chats: ChatStore;
}

const NOW = '2026-01-01T00:00:00.000Z';
const definition = (more: Partial<ShareDefinition> = {}): ShareDefinition => ({
  mode: 'snapshot',
  leaf: null,
  revision: 1,
  title: null,
  createdAt: NOW,
  updatedAt: NOW,
  bytes: 3,
  shows: optionsOf({}),
  ...more,
});
const PAGE = Buffer.from([0, 0xff, 7]);
const HOUR_MS = 3_600_000;

/** Every promise of {@link ShareStore}, as tests that any store must pass. */
export function shareStoreSuite(name: string, makeStores: () => ShareStores): void {
  async function somebody({ temporary = false } = {}) {
    const { shares, chats } = makeStores();
    const [userId, chatId] = [randomId('user'), randomId('chat')];
    const begin = () =>
      chats.point({
        userId,
        chatId,
        seen: null,
        streamId: randomId('s'),
        title: 'A chat',
        instructions: undefined,
        messages: [{ id: 'q', role: 'user', parts: [], parentId: null, createdAt: NOW }],
        temporary,
      });
    await begin();
    const share = async (
      shareId = randomId('share'),
      { expiresInMs = HOUR_MS, maxShares = 3, page = PAGE as Buffer | null } = {},
    ) =>
      shares.create({ shareId, ownerId: userId, chatId, definition: definition(), expiresInMs, page }, { maxShares });
    const made = async (...args: Parameters<typeof share>) => (await share(...args)) as StoredShare;
    return { shares, chats, userId, chatId, begin, share, made };
  }

  describe(`${name}: a public page`, () => {
    test('is read as it was made, with its stored content and the current title of its chat', async () => {
      const { shares, chats, userId, chatId, made } = await somebody();
      const { shareId, expiresAtMs } = await made();
      await chats.patch(userId, chatId, { title: 'Another' });
      const share = (await shares.get(shareId))!;
      expect(share).toMatchObject({
        ...definition(),
        shareId,
        ownerId: userId,
        chatId,
        chatTitle: 'Another',
        reads: 0,
      });
      expect(Math.abs(expiresAtMs - Date.now() - HOUR_MS)).toBeLessThan(60_000);
      expect(await shares.page(share)).toEqual(PAGE);
      expect(await shares.ofChat(userId, chatId)).toEqual([shareId]);
      expect(await shares.ofUser(userId)).toEqual([shareId]);
    });

    test('needs a chat, ends with it, and does not come back with a new chat that has the same id', async () => {
      const { shares, chats, userId, chatId, begin, share, made } = await somebody();
      const { shareId } = await made();
      await chats.delete(userId, chatId);
      expect(await shares.get(shareId)).toBeNull();
      const another = randomId('share');
      expect(await share(another)).toBe('absent');
      await begin();
      expect(await shares.get(shareId)).toBeNull();
      expect(await shares.ofChat(userId, chatId)).toEqual([]);
      expect(await shares.ofUser(userId)).not.toContain(another);
    });

    test('ends when it is removed, and when its time is over', async () => {
      const { shares, userId, chatId, made } = await somebody();
      const [one, other] = [await made(), await made()];
      await shares.remove(one);
      expect(await shares.get(one.shareId)).toBeNull();
      expect(await shares.page(one)).toBeNull();
      await shares.remove(one);
      expect((await shares.get(other.shareId))!.shareId).toBe(other.shareId);
      expect(await shares.ofChat(userId, chatId)).toEqual([other.shareId]);
      const changed = (await shares.change(other, { definition: definition(), expiresInMs: 1 })) as
        StoredShare | 'changed';
      await expect.poll(() => shares.get(other.shareId)).toBeNull();
      expect(changed === 'changed' || changed.expiresAtMs <= Date.now() + 1000).toBe(true);
    });

    test('is changed only if it is still in the state that was read, and keeps its expiry unless a new one is given', async () => {
      const { shares, made } = await somebody();
      const share = await made();
      const change = (title: string) => shares.change(share, { definition: definition({ title }) });
      const results = await Promise.all(['a', 'b', 'c'].map(change));
      const done = results.filter((result) => result !== 'changed');
      expect(done).toHaveLength(1);
      expect(done[0]).toMatchObject({ expiresAtMs: share.expiresAtMs });
      expect((await shares.get(share.shareId))!.title).toBe(done[0]!.title);
      expect(await shares.page(share)).toEqual(PAGE);
      const longer = await shares.change(done[0]!, { definition: definition(), expiresInMs: 2 * HOUR_MS });
      expect((longer as StoredShare).expiresAtMs).toBeGreaterThan(share.expiresAtMs + HOUR_MS / 2);
    });

    test('has one revision at a time', async () => {
      const { shares, made } = await somebody();
      const first = await made();
      const page = Buffer.from('second');
      const second = (await shares.change(first, { definition: definition({ revision: 2 }), page })) as StoredShare;
      expect(await shares.page(first)).toBeNull();
      expect(await shares.page(second)).toEqual(page);
      // `first` is not the current state any more.
      const other = { definition: definition({ revision: 2 }), page: Buffer.from('other') };
      expect(await shares.change(first, other)).toBe('changed');
    });

    test('counts how often it was opened, and counting does not bring a removed page back', async () => {
      const { shares, made } = await somebody();
      const { shareId, ...rest } = await made();
      await Promise.all([shares.countRead(shareId), shares.countRead(shareId)]);
      const share = (await shares.get(shareId))!;
      expect(share.reads).toBe(2);
      expect(Date.parse(share.lastReadAt!)).toBeGreaterThan(Date.now() - 60_000);
      await shares.remove({ shareId, ...rest });
      await shares.countRead(shareId);
      expect(await shares.get(shareId)).toBeNull();
    });

    test('of a temporary chat ends with the chat', async () => {
      const { made } = await somebody({ temporary: true });
      const { expiresAtMs } = await made(randomId('share'), { expiresInMs: 400 * 24 * HOUR_MS });
      expect(expiresAtMs).toBeLessThan(Date.now() + 24 * HOUR_MS + 60_000);
    });
  });

  describe(`${name}: several public pages`, () => {
    test('are never more than the maximum, even if they are made at the same time', async () => {
      const { shares, userId, share } = await somebody();
      const results = await Promise.all(Array.from({ length: 9 }, () => share()));
      expect(results.filter((result) => result === 'full')).toHaveLength(6);
      expect(await shares.ofUser(userId)).toHaveLength(3);
    });

    test('do not count towards the maximum after their chat was deleted', async () => {
      const { chats, userId, chatId, begin, share } = await somebody();
      for (let i = 0; i < 3; i++) await share();
      expect(await share()).toBe('full');
      await chats.delete(userId, chatId);
      await begin();
      expect(await share()).toMatchObject({ ownerId: userId });
    });

    test('are counted separately for each network address that opens them', async () => {
      const { shares } = makeStores();
      const who = randomId('address');
      expect([await shares.countOpen(who), await shares.countOpen(who)]).toEqual([1, 2]);
      expect(await shares.countOpen(randomId('address'))).toBe(1);
    });
  });
}
