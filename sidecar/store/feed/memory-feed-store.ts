import type { ChatStore } from '../chats/chat-store.ts';
import { entryOf, HERE_MS, TYPING_MS, type FeedStore, type HereEntry } from './feed-store.ts';
import { keyOfChat } from '../rooms/room-store.ts';
import type { MemoryBell } from './memory-bell.ts';

interface Kept {
  userId: string;
  tab: string;
  /** When the page lapses, in ms since 1970. */
  until: number;
  typingUntil: number;
}

/** Maximum number of pages of one person. */
const MOST_TABS = 32;

/** The same as `here.lua`, in the memory of one process. */
export function createMemoryFeedStore({
  chats,
  bell,
}: {
  chats: Pick<ChatStore, 'head' | 'rooms'>;
  bell: MemoryBell;
}): FeedStore {
  const rooms = new Map<string, Map<string, Kept>>();

  return {
    listen: async (chat, onRing) => bell.listen(chat, onRing),
    onReturn: () => {},

    async here(chat, changes, word) {
      const key = keyOfChat(chat);
      const people = [...(rooms.get(key)?.values() ?? []), ...changes].map(({ userId }) => userId);
      const [head, look] = await Promise.all([
        chats.head(chat.ownerId, chat.chatId),
        chats.rooms.look(chat, [...new Set(people)]),
      ]);
      if (head === null || look === null) {
        rooms.delete(key);
        return null;
      }
      const now = Date.now();
      const entries = rooms.get(key) ?? new Map<string, Kept>();
      rooms.set(key, entries);
      let hasChanged = false;
      const drop = (entry: string) => (hasChanged = entries.delete(entry) || hasChanged);
      for (const [entry, kept] of entries) {
        if (kept.until <= now) drop(entry);
        else if (kept.typingUntil > 0 && kept.typingUntil <= now) {
          kept.typingUntil = 0;
          hasChanged = true;
        }
      }
      for (const change of changes) {
        const { userId, tab } = change;
        const entry = entryOf(change);
        const kept = entries.get(entry);
        switch (change.what) {
          case 'stay':
          case 'come':
            if (!kept) {
              if ([...entries.values()].filter((one) => one.userId === userId).length >= MOST_TABS) break;
              entries.set(entry, { userId, tab, until: now + HERE_MS, typingUntil: 0 });
              hasChanged = true;
            } else if (change.what === 'stay') kept.until = now + HERE_MS;
            break;
          case 'leave':
            if (kept?.until === change.until) drop(entry);
            break;
          case 'type':
            if (!kept) break;
            if (kept.typingUntil === 0) hasChanged = true;
            kept.typingUntil = now + TYPING_MS;
            break;
          case 'stopTyping':
            if (!kept || kept.typingUntil === 0) break;
            kept.typingUntil = 0;
            hasChanged = true;
        }
      }
      const here: HereEntry[] = [];
      let nextLapse = Number.POSITIVE_INFINITY;
      for (const [entry, { userId, tab, until, typingUntil }] of [...entries]) {
        const isOwner = userId === chat.ownerId;
        const member = look.members.get(userId);
        if (!isOwner && !member) {
          drop(entry);
          continue;
        }
        nextLapse = Math.min(nextLapse, until, ...(typingUntil > 0 ? [typingUntil] : []));
        const { name, role } = isOwner ? { name: look.ownerName ?? '', role: 'owner' as const } : member!;
        here.push({ userId, tab, name, role, typing: typingUntil > 0 });
      }
      if (entries.size === 0) rooms.delete(key);
      if (hasChanged) bell.ring(chat, { kind: 'here', word });
      return {
        v: head.v,
        here,
        until: now + HERE_MS,
        nextLapseMs: Number.isFinite(nextLapse) ? nextLapse - now : null,
      };
    },
  };
}
