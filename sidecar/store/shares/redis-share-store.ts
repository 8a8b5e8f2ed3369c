import { chatKey, opensKey, shareKey, userSharesKey } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { OPENS_WINDOW_MS, readState, type ShareDefinition, type ShareStore, type StoredShare } from './share-store.ts';

const shareField = (shareId: string): string => `s:${shareId}`;
const pageField = (revision: number): string => `p:${revision}`;

/**
 * Stores public pages in Redis. The key of a chat has a field `s:<shareId>` for each page, which says when the page expires. Removing
 * the field ends the page. The key `share:<shareId>` names the chat and its owner, and holds the content of a snapshot. Each owner has
 * a list of pages, which may also contain pages that have ended.
 */
export function createRedisShareStore({ redis, chatTtlMs }: { redis: RedisConnection; chatTtlMs: number }): ShareStore {
  const { commands, bulk, bulkText, call, callBulk } = redis;

  async function get(shareId: string): Promise<StoredShare | null> {
    const [ownerId, chatId, reads, lastReadAt] = await callBulk(
      bulkText.hmGet(shareKey(shareId), ['owner', 'chat', 'reads', 'readAt']),
    );
    if (ownerId == null || chatId == null) return null;
    const [createdAt, chatTitle, state] = await callBulk(
      bulkText.hmGet(chatKey(ownerId, chatId), ['createdAt', 'title', shareField(shareId)]),
    );
    if (createdAt == null || state == null) return null;
    const { expiresAtMs, definition } = readState(state);
    if (expiresAtMs <= Date.now()) return null;
    return {
      ...definition,
      shareId,
      ownerId,
      chatId,
      chatTitle: chatTitle ?? '',
      expiresAtMs,
      reads: Number(reads ?? 0),
      lastReadAt: lastReadAt ?? null,
      state,
    };
  }

  const put = (
    { ownerId, chatId, shareId }: Pick<StoredShare, 'ownerId' | 'chatId' | 'shareId'>,
    { before, expiresInMs, definition }: { before: string; expiresInMs?: number; definition: ShareDefinition },
  ) =>
    call(
      commands.putShare(
        [chatKey(ownerId, chatId)],
        [
          shareId,
          before,
          expiresInMs === undefined ? '' : String(expiresInMs),
          String(chatTtlMs),
          JSON.stringify(definition),
        ],
      ),
    ) as Promise<[] | [string]>;

  const reserve = (ownerId: string, shareId: string, options: { maxShares: number; expiresAtMs: number }) =>
    call(
      commands.reserveShare(
        [userSharesKey(ownerId)],
        [String(options.maxShares), String(options.expiresAtMs), shareId],
      ),
    ) as Promise<0 | 1>;

  const keep = (shareId: string, expiresAtMs: number, fields: readonly (string | Buffer)[]) =>
    call(commands.keepShare([shareKey(shareId)], [String(expiresAtMs), ...fields]));

  async function forget(ownerId: string, shareIds: readonly string[]): Promise<void> {
    if (shareIds.length === 0) return;
    await call(
      Promise.all([
        ...shareIds.map((shareId) => commands.unlink(shareKey(shareId))),
        commands.zRem(userSharesKey(ownerId), [...shareIds]),
      ]),
    );
  }

  /** Removes ended pages from the owner's list. */
  async function mend(ownerId: string): Promise<void> {
    const ids = await callBulk(bulkText.zRange(userSharesKey(ownerId), 0, -1));
    const found = await Promise.all(ids.map(get));
    await forget(
      ownerId,
      ids.filter((_id, at) => found[at] === null),
    );
  }

  return {
    get,
    forget,

    async create({ shareId, ownerId, chatId, definition, expiresInMs, page }, { maxShares }) {
      const options = { maxShares, expiresAtMs: Date.now() + Math.min(expiresInMs, chatTtlMs) };
      if ((await reserve(ownerId, shareId, options)) === 0) {
        await mend(ownerId);
        if ((await reserve(ownerId, shareId, options)) === 0) return 'full';
      }
      await keep(shareId, options.expiresAtMs, [
        'owner',
        ownerId,
        'chat',
        chatId,
        ...(page === null ? [] : [pageField(definition.revision), page]),
      ]);
      const [state] = await put({ ownerId, chatId, shareId }, { before: '', expiresInMs, definition });
      const created = state ? await get(shareId) : null;
      if (created !== null) return created;
      await forget(ownerId, [shareId]);
      return 'absent';
    },

    async page({ shareId, revision }) {
      const [page] = await callBulk(bulk.hmGet(shareKey(shareId), [pageField(revision)]));
      return (page as Buffer | null | undefined) ?? null;
    },

    async change(share, { definition, expiresInMs, page }) {
      const { shareId, ownerId, revision } = share;
      const wanted = expiresInMs === undefined ? share.expiresAtMs : Date.now() + Math.min(expiresInMs, chatTtlMs);
      // The content is stored before the new state, so that a reader of the new state finds its content.
      await keep(shareId, Math.max(wanted, share.expiresAtMs), page ? [pageField(definition.revision), page] : []);
      const [state] = await put(share, { before: share.state, expiresInMs, definition });
      if (!state) return 'changed';
      const { expiresAtMs } = readState(state);
      if (page) await call(commands.hDel(shareKey(shareId), pageField(revision)));
      if (expiresInMs !== undefined) {
        await call(commands.pExpireAt(shareKey(shareId), expiresAtMs));
        await reserve(ownerId, shareId, { maxShares: 0, expiresAtMs });
      }
      return (await get(shareId)) ?? 'changed';
    },

    async remove({ shareId, ownerId, chatId }) {
      await call(commands.dropShare([chatKey(ownerId, chatId)], [shareId]));
      await forget(ownerId, [shareId]);
    },

    async ofChat(ownerId, chatId) {
      const [ids] = await callBulk(bulkText.hmGet(chatKey(ownerId, chatId), ['shares']));
      return ids ? ids.split(' ') : [];
    },

    ofUser: (ownerId) => callBulk(bulkText.zRange(userSharesKey(ownerId), 0, -1)),

    async countRead(shareId) {
      await call(commands.readShare([shareKey(shareId)], [new Date().toISOString()]));
    },

    countOpen: (who) => call(commands.tally([opensKey(who)], [String(OPENS_WINDOW_MS)])) as Promise<number>,
  };
}
