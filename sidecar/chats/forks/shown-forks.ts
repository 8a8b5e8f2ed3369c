import type { Chat } from '../../../shared/chat/chat.ts';
import { roomIdIn } from '../../../shared/chat/rooms.ts';
import type { ChatHead, ChatStore } from '../../store/chats/chat-store.ts';

/** A page shows at most this many forks, the newest ones. */
const MAX_SHOWN = 100;

/** What a page of a chat shows about forks: the chat that this one was forked from, and the forks of its messages. */
export type ShownForks = (
  userId: string,
  head: ChatHead,
  messageIds: readonly string[],
) => Promise<Pick<Chat, 'from' | 'forks'>>;

export function createShownForks({ chats }: { chats: Pick<ChatStore, 'head' | 'forksOf' | 'rooms'> }): ShownForks {
  /**
   * `ref`: the id of one of the user's own chats, or `~<roomId>`. Resolves to `null` if the chat is gone, or if the user is not a
   * member of the room any more.
   */
  async function headOf(userId: string, ref: string): Promise<ChatHead | null> {
    const roomId = roomIdIn(ref);
    if (roomId === null) return chats.head(userId, ref);
    const chat = await chats.rooms.find(roomId);
    const room = chat && (await chats.rooms.look(chat, [userId]));
    return room?.roomId === roomId && room.members.has(userId) ? chats.head(chat!.ownerId, chat!.chatId) : null;
  }

  async function from(userId: string, { fork }: ChatHead): Promise<Chat['from']> {
    if (fork === null) return null;
    const { chatId, messageId, at, title } = fork;
    const origin = await headOf(userId, chatId);
    return { chatId, messageId, at, title: origin?.title ?? title, exists: origin !== null };
  }

  async function forks(userId: string, chatId: string, messageIds: readonly string[]): Promise<Chat['forks']> {
    const found = (await chats.forksOf(userId, chatId, messageIds)).slice(-MAX_SHOWN);
    const heads = await Promise.all(found.map((fork) => chats.head(userId, fork.chatId)));
    // A fork that was deleted, or was never finished, has no head.
    return found.flatMap((fork, i) => (heads[i] ? [{ ...fork, title: heads[i].title }] : []));
  }

  return async (userId, head, messageIds) => {
    const [origin, shown] = await Promise.all([from(userId, head), forks(userId, head.chatId, messageIds)]);
    return { from: origin, forks: shown };
  };
}
