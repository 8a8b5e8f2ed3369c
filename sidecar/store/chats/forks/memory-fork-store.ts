import type { StoredMessage } from '../../../../shared/chat/messages.ts';
import {
  COPY_MS,
  MAX_FORKS_OF_MESSAGE,
  type Copying,
  type Finishing,
  type ForkStore,
  type KeptOrigin,
} from './fork-store.ts';
import { keyOfChat } from '../../rooms/room-store.ts';

/** The parts of a chat in memory that this store uses. */
export interface MemoryChat {
  head: { bytes: number };
  messages: ReadonlyMap<string, { message: StoredMessage }>;
  /** The ids of forks, by the message at which they were made. */
  forks: Map<string, string[]>;
}

interface Copy {
  origin: KeptOrigin;
  messages: Map<string, StoredMessage>;
  touchedAt: number;
}

export interface MemoryForks extends ForkStore {
  isCopying(userId: string, chatId: string): boolean;
}

export function createMemoryForkStore({
  find,
  originOf,
  create,
}: {
  find(userId: string, chatId: string): MemoryChat | undefined;
  originOf(userId: string, chatId: string): KeptOrigin | null;
  /** Adds a chat with these messages. Returns their size in bytes. */
  create(finishing: Finishing, messages: readonly StoredMessage[]): number;
}): MemoryForks {
  const copies = new Map<string, Copy>();
  const keyOf = (ownerId: string, chatId: string) => keyOfChat({ ownerId, chatId });

  function copyOf(userId: string, forkId: string): Copy | undefined {
    for (const [key, { touchedAt }] of copies) if (touchedAt + COPY_MS < Date.now()) copies.delete(key);
    return copies.get(keyOf(userId, forkId));
  }

  return {
    isCopying: (userId, chatId) => copyOf(userId, chatId) !== undefined,

    async copy({ userId, forkId, source, origin }, { after = 0, ids = [], messages = [] }) {
      const from = source && find(source.ownerId, source.chatId);
      const stored = ids.map((id) => from?.messages.get(id)?.message);
      if (stored.some((message) => message === undefined)) return { what: 'gone' };
      if (find(userId, forkId)) {
        const made = originOf(userId, forkId);
        return made === null
          ? { what: 'taken' }
          : { what: 'made', origin: made, count: find(userId, forkId)!.messages.size };
      }
      const copy = copyOf(userId, forkId) ?? { origin, messages: new Map<string, StoredMessage>(), touchedAt: 0 };
      if (!isSame(copy.origin, origin)) return { what: 'elsewhere', origin: copy.origin, count: copy.messages.size };
      if (copy.messages.size < after) return { what: 'copying', origin, count: copy.messages.size };
      for (const message of [...(stored as StoredMessage[]), ...messages])
        if (!copy.messages.has(message.id)) copy.messages.set(message.id, structuredClone(message));
      copy.touchedAt = Date.now();
      copies.set(keyOf(userId, forkId), copy);
      return { what: 'copying', origin, count: copy.messages.size };
    },

    async finishCopy(finishing) {
      const { userId, forkId, origin, count } = finishing;
      const known = find(userId, forkId);
      if (known) {
        const made = originOf(userId, forkId);
        return { what: made !== null && isSame(made, origin) ? 'again' : 'lost', bytes: known.head.bytes };
      }
      const copy = copyOf(userId, forkId);
      if (!copy || !isSame(copy.origin, origin) || copy.messages.size !== count) return { what: 'lost', bytes: 0 };
      copies.delete(keyOf(userId, forkId));
      return { what: 'made', bytes: create(finishing, [...copy.messages.values()]) };
    },

    async dropCopy({ userId, forkId, origin }: Copying) {
      const copy = copyOf(userId, forkId);
      if (copy && isSame(copy.origin, origin)) copies.delete(keyOf(userId, forkId));
    },

    async noteFork(userId, { chatId, messageId, forkId }) {
      const chat = find(userId, chatId);
      if (!chat) return false;
      const known = chat.forks.get(messageId) ?? [];
      if (!known.includes(forkId)) chat.forks.set(messageId, [...known, forkId].slice(-MAX_FORKS_OF_MESSAGE));
      return true;
    },

    async forksOf(userId, chatId, messageIds) {
      const chat = find(userId, chatId);
      return messageIds.flatMap((messageId) =>
        (chat?.forks.get(messageId) ?? []).map((forkId) => ({ messageId, chatId: forkId })),
      );
    },
  };
}

const isSame = (one: KeptOrigin, other: KeptOrigin): boolean =>
  one.chatId === other.chatId &&
  one.messageId === other.messageId &&
  one.at === other.at &&
  one.isNow === other.isNow &&
  one.title === other.title;
