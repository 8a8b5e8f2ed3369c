import { RejoinError } from '../../shared/errors.ts';
import type { ForkAnswer } from '../../shared/chat/forks.ts';
import type { StoredMessage } from '../../shared/chat/messages.ts';
import type { SharedCopyRequest, SharedPage } from '../../shared/chat/shares.ts';
import type { ForkLimits } from '../chats/forks/fork-chat.ts';
import type { Quota } from '../limits/quota.ts';
import type { ChatStore } from '../store/chats/chat-store.ts';
import type { Copying, KeptOrigin } from '../store/chats/forks/fork-store.ts';
import type { Opener, ShareReading } from './read-shares.ts';

/** Makes a new chat for the reader from the messages of a public page. Nothing that the page hides is copied. */
export type CopyShare = (
  opener: Opener,
  request: SharedCopyRequest,
) => Promise<{ created: boolean; answer: ForkAnswer }>;

/** Messages are copied in batches of this many. */
const BATCH = 50;

export function createCopyShare({
  reading,
  chats,
  quota,
  limits,
}: {
  reading: Pick<ShareReading, 'forCopy'>;
  chats: Pick<ChatStore, 'head' | 'copy' | 'finishCopy'>;
  quota: Pick<Quota, 'reserve' | 'settled' | 'release'>;
  limits: ForkLimits;
}): CopyShare {
  return async function copy(opener, request) {
    const { userId, address } = opener;
    const { forkId } = request;
    const { shareId, page } = await reading.forCopy(opener, request);
    const messages = chainOf(page);
    const last = messages.at(-1);
    if (last === undefined) throw new RejoinError('not_found');
    // The origin names the page, not the chat that it shows. The reader must not learn the id of that chat.
    const origin: KeptOrigin = { chatId: shareId, messageId: last.id, at: null, isNow: false, title: page.title };
    const known = await chats.head(userId, forkId);
    if (known !== null) return again(known.fork, forkId, origin);
    const chatBytes = checkedSize(messages, limits);
    const stored = { userId, address, chatId: forkId };
    try {
      await quota.reserve({ ...stored, chatBytes });
      const copying: Copying = { userId, forkId, source: null, origin };
      for (let at = 0; at < messages.length; at += BATCH) {
        const copied = await chats.copy(copying, { after: at, messages: messages.slice(at, at + BATCH) });
        if (copied.what === 'made') return again(copied.origin, forkId, origin);
        if (copied.what !== 'copying') throw taken();
      }
      const finished = await chats.finishCopy({
        ...copying,
        count: messages.length,
        title: page.title,
        instructions: page.instructionsText ?? '',
        address,
        temporary: false,
      });
      if (finished.what === 'lost')
        throw new RejoinError('store_unavailable', {
          detail: 'The copy was lost. Please try again.',
          retryAfterSeconds: 1,
        });
      await quota.settled({ ...stored, chatBytes: finished.bytes });
      return { created: finished.what === 'made', answer: answerOf(forkId, origin) };
    } catch (error) {
      if ((await chats.head(userId, forkId).catch(() => known)) === null)
        await quota.release({ userId, address, chatId: forkId, streamIds: [] }).catch(() => {
          /* the reserved bytes stay counted until the reservation expires */
        });
      throw error;
    }
  };
}

/** The messages of the page as a chain: the parent of each message is the message above it. */
function chainOf({ messages }: SharedPage): StoredMessage[] {
  return messages.map(({ versions: _versions, by: _by, sentByClient, ...message }, at) => ({
    ...message,
    ...(sentByClient ? { metadata: { sentByClient } } : {}),
    parentId: messages[at - 1]?.id ?? null,
  }));
}

function checkedSize(messages: readonly StoredMessage[], limits: ForkLimits): number {
  const bytes = messages.reduce((sum, message) => sum + Buffer.byteLength(JSON.stringify(message)), 0);
  if (limits.messages > 0 && messages.length > limits.messages)
    throw new RejoinError('too_many_messages', {
      detail: `This page has ${messages.length} messages. A chat may have at most ${limits.messages}.`,
    });
  if (limits.bytes > 0 && bytes > limits.bytes)
    throw new RejoinError('quota_exceeded', {
      detail: `A copy may have at most ${limits.bytes} bytes (MAX_FORK_BYTES), and this one would have ${bytes}.`,
      extra: { bytes, maxBytes: limits.bytes },
    });
  return bytes;
}

function again(made: KeptOrigin | null, forkId: string, origin: KeptOrigin) {
  if (made?.chatId !== origin.chatId || made.messageId !== origin.messageId) throw taken();
  return { created: false, answer: answerOf(forkId, made) };
}

const taken = () => new RejoinError('chat_exists', { detail: 'Choose another "forkId" for another copy.' });

const answerOf = (forkId: string, { chatId, messageId, title }: KeptOrigin): ForkAnswer => ({
  chatId: forkId,
  leafId: messageId,
  from: { chatId, messageId, at: null, title },
});
