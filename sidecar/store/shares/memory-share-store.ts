import { OPENS_WINDOW_MS, readState, type ShareDefinition, type ShareStore, type StoredShare } from './share-store.ts';

/** The parts of a chat in memory that this store uses. */
export interface SharedChat {
  title: string;
  temporary: boolean;
  createdAt: string;
  /** The state of each public page of the chat (`StoredShare.state`), by the page's id. */
  shares: Map<string, string>;
  /** Postpones the expiry of the chat. */
  touch(): void;
}

interface Kept {
  ownerId: string;
  chatId: string;
  pages: Map<number, Buffer>;
  reads: number;
  lastReadAt: string | null;
}

export function createMemoryShareStore({
  find,
  chatTtlMs,
  temporaryMs,
}: {
  find(userId: string, chatId: string): SharedChat | null;
  chatTtlMs: number;
  /** How long a temporary chat lives. */
  temporaryMs: number;
}): ShareStore {
  const kept = new Map<string, Kept>();
  const opens = new Map<string, { count: number; until: number }>();

  function stored(shareId: string): StoredShare | null {
    const share = kept.get(shareId);
    const chat = share && find(share.ownerId, share.chatId);
    const state = chat?.shares.get(shareId);
    const { expiresAtMs, definition } = state ? readState(state) : { expiresAtMs: 0, definition: null };
    if (!share || !chat || !state || definition === null || expiresAtMs <= Date.now()) {
      kept.delete(shareId);
      chat?.shares.delete(shareId);
      return null;
    }
    const { ownerId, chatId, reads, lastReadAt } = share;
    return { ...definition, shareId, ownerId, chatId, chatTitle: chat.title, expiresAtMs, reads, lastReadAt, state };
  }

  function stateOf(chat: SharedChat, expiresInMs: number, definition: ShareDefinition): string {
    const now = Date.now();
    const end = chat.temporary ? Date.parse(chat.createdAt) + temporaryMs : now + chatTtlMs;
    return `${Math.min(now + expiresInMs, end)} ${JSON.stringify(definition)}`;
  }

  const ofUser = (ownerId: string): string[] =>
    [...kept].flatMap(([shareId, share]) => (share.ownerId === ownerId && stored(shareId) ? [shareId] : []));

  return {
    get: async (shareId) => stored(shareId),
    page: async ({ shareId, revision }) => kept.get(shareId)?.pages.get(revision) ?? null,

    async create({ shareId, ownerId, chatId, definition, expiresInMs, page }, { maxShares }) {
      const chat = find(ownerId, chatId);
      if (chat === null) return 'absent';
      if (maxShares > 0 && ofUser(ownerId).length >= maxShares) return 'full';
      chat.shares.set(shareId, stateOf(chat, expiresInMs, definition));
      chat.touch();
      const pages = new Map(page === null ? [] : [[definition.revision, page] as const]);
      kept.set(shareId, { ownerId, chatId, pages, reads: 0, lastReadAt: null });
      return stored(shareId) ?? 'absent';
    },

    async change({ shareId, ownerId, chatId, state, revision }, { definition, expiresInMs, page }) {
      const chat = find(ownerId, chatId);
      const share = kept.get(shareId);
      if (!chat || !share || chat.shares.get(shareId) !== state) return 'changed';
      const next =
        expiresInMs === undefined
          ? `${readState(state).expiresAtMs} ${JSON.stringify(definition)}`
          : stateOf(chat, expiresInMs, definition);
      chat.shares.set(shareId, next);
      if (expiresInMs !== undefined) chat.touch();
      if (page) {
        share.pages.delete(revision);
        share.pages.set(definition.revision, page);
      }
      return stored(shareId) ?? 'changed';
    },

    async remove({ shareId, ownerId, chatId }) {
      find(ownerId, chatId)?.shares.delete(shareId);
      kept.delete(shareId);
    },

    async forget(_ownerId, shareIds) {
      for (const shareId of shareIds) kept.delete(shareId);
    },

    ofChat: async (ownerId, chatId) => [...(find(ownerId, chatId)?.shares.keys() ?? [])],
    ofUser: async (ownerId) => ofUser(ownerId),

    async countRead(shareId) {
      const share = kept.get(shareId);
      if (share) Object.assign(share, { reads: share.reads + 1, lastReadAt: new Date().toISOString() });
    },

    async countOpen(who) {
      const now = Date.now();
      for (const [each, { until }] of opens) if (until <= now) opens.delete(each);
      const { count, until } = opens.get(who) ?? { count: 0, until: now + OPENS_WINDOW_MS };
      opens.set(who, { count: count + 1, until });
      return count + 1;
    },
  };
}
