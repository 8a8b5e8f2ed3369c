import { messageText } from '../../shared/chat/messages.ts';
import { RejoinError } from '../../shared/errors.ts';
import type { SayRequest } from '../../shared/chat/rooms.ts';
import type { Quota } from '../limits/quota.ts';
import type { ChatStore } from '../store/chats/chat-store.ts';
import { toAuthor } from '../store/streams/asked-by.ts';
import { isRunning, type StreamStore } from '../store/streams/stream-store.ts';
import { forAsker, keptAsker, memberIn, storageAddress, type Asker } from '../streams/start/asker.ts';

/** Adds a message without asking the model. `created`: false if the same message was sent before. */
export type Say = (
  chat: { ownerId: string; chatId: string },
  asker: Asker,
  request: SayRequest,
) => Promise<{ created: boolean; messageId: string }>;

export function createSay({
  chats,
  store,
  quota,
  maxMessages = 0,
}: {
  chats: ChatStore;
  store: Pick<StreamStore, 'meta'>;
  /** If left out, no stored bytes are counted. */
  quota?: Pick<Quota, 'reserve' | 'settled' | 'release'>;
  /** Maximum number of messages in a chat; 0: no limit. */
  maxMessages?: number;
}): Say {
  /**
   * The place of the new message. While an answer is being written, this answer and its question are the end of the chat. So if
   * `parentId` is the id of either of them, the message is added at the end of the chat (`newest`), which is after the answer.
   */
  async function placeOf(stream: string | null, parentId: string | null | undefined) {
    if (parentId === undefined) return 'newest';
    const meta = stream === null ? null : await store.meta(stream);
    const isEnd = meta !== null && isRunning(meta.status) && [meta.messageId, meta.parentId].includes(parentId ?? '');
    return isEnd ? 'newest' : { id: parentId };
  }

  /** Counts only the bytes that the chat has now, because the message for which bytes were reserved was not added. */
  async function giveBack({ userId, chatId, address }: { userId: string; chatId: string; address: string | null }) {
    const now = await chats.head(userId, chatId);
    if (now === null) await quota?.release({ userId, chatId, address, streamIds: [] });
    else await quota?.settled({ userId, chatId, address, chatBytes: now.bytes, temporary: now.temporary });
  }

  return async function say({ ownerId, chatId }, asker, { messageId, text, parentId }) {
    const head = await chats.head(ownerId, chatId);
    if (head === null) throw new RejoinError('not_found');
    const by = keptAsker(asker, ownerId, head);
    const message = {
      id: messageId,
      role: 'user' as const,
      parts: [{ type: 'text', text }],
      createdAt: new Date().toISOString(),
      ...(by ? { by: toAuthor(by) } : {}),
    };
    const added = Buffer.byteLength(JSON.stringify(message));
    const stored = { userId: ownerId, chatId, address: storageAddress(asker, ownerId, head) };
    try {
      await quota?.reserve({ ...stored, chatBytes: head.bytes + added, temporary: head.temporary });
    } catch (error) {
      if (error instanceof RejoinError) await giveBack(stored);
      throw forAsker(error, asker, ownerId);
    }
    const said = await chats
      .say({
        userId: ownerId,
        chatId,
        member: memberIn(ownerId, asker),
        message,
        after: await placeOf(head.stream, parentId),
        maxMessages,
      })
      .catch(async (error: unknown) => {
        // The person's role may have been taken away meanwhile.
        if (error instanceof RejoinError) await giveBack(stored);
        throw error;
      });
    if (said.what !== 'said' && said.what !== 'waits') await giveBack(stored);
    switch (said.what) {
      case 'said':
      case 'waits':
        return { created: true, messageId };
      case 'known': {
        const { role, by: before } = said.message;
        const isSame =
          role === 'user' && messageText(said.message) === text && (before?.userId ?? ownerId) === asker.userId;
        if (isSame) return { created: false, messageId };
        throw taken();
      }
      case 'taken':
        throw taken();
      case 'full':
        throw new RejoinError('too_many_messages', {
          detail: `A chat may have at most ${maxMessages} messages, including all versions. Begin a new chat.`,
        });
      case 'elsewhere':
        throw new RejoinError('invalid_request', { detail: '"parentId" is not a message of this chat.' });
      case 'gone':
        throw new RejoinError('not_found');
    }
  };
}

const taken = () =>
  new RejoinError('idempotency_mismatch', {
    detail: 'Another message of this chat has this "messageId". Use a new one.',
  });
