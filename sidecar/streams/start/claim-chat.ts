import { RejoinError } from '../../../shared/errors.ts';
import type { Quota } from '../../limits/quota.ts';
import type { ChatStore, Pointing } from '../../store/chats/chat-store.ts';
import { askerIdOf } from '../../store/streams/asked-by.ts';
import { epochSuffix } from '../../store/streams/epoch.ts';
import { isRunning, type CreateResult, type NewStream, type StreamStore } from '../../store/streams/stream-store.ts';
import type { Settler } from '../end/settle.ts';
import { forAsker, type Asker } from './asker.ts';

export interface ChatClaimOptions {
  store: StreamStore;
  chats: ChatStore;
  settler: Settler;
  leaseMs: number;
  /** Throws if no further stream may start. It is called before anything of the new stream is stored. */
  admit(start: { streamId: string; userId: string; address: string | null }): Promise<void>;
  /** If it is left out, stored bytes are not counted. */
  quota?: Pick<Quota, 'reserve' | 'release' | 'subjectsOf'>;
  /** There is no limit if it is 0 or left out. */
  messagesPerChat?: number;
}

export interface Claim {
  /** The stream that the chat pointed at when the chat was read; `null` if there was none. */
  seen: string | null;
  /** Since when the chat had pointed at that stream, ISO 8601. */
  seenAt: string | null;
  asker: Asker;
  /** The network address whose quota the new bytes use; `null` if the owner of the chat is no guest. */
  address: string | null;
  stream: NewStream;
  pointing: Omit<Pointing, 'userId' | 'chatId' | 'seen' | 'streamId' | 'reservedBy'>;
  /** The bytes of the chat without the new messages. */
  chatBytes: number;
}

/** Thrown if an answer has ended since the chat was read. The question then has another place: after that answer. */
export class ChatMoved extends Error {}

/** How often the chat's pointer may change during one start before the start is refused. */
export const MAX_POINTER_TRIES = 5;

export const streamIsActive = (streamId: string): RejoinError =>
  new RejoinError('stream_active', { detail: 'Wait for the answer, or stop it first.', extra: { streamId } });

/**
 * Points the chat at the new stream and creates that stream. Throws `stream_active` if the chat points at another stream that is
 * still running. Resolves to false if another start has created the new stream already.
 */
export type ChatClaim = (claim: Claim) => Promise<boolean>;

/** PROTOCOL.md 5.4, steps 1 to 4. */
export function createChatClaim(options: ChatClaimOptions): ChatClaim {
  const { store, chats, settler, leaseMs, admit, quota, messagesPerChat } = options;

  async function claimChat(claim: Claim): Promise<boolean> {
    try {
      return await pointAtStream(claim);
    } catch (error) {
      const { address, asker, stream, chatBytes } = claim;
      const { streamId, facts } = stream;
      const { userId, chatId } = facts;
      // A RejoinError means that the start was refused: the stream is removed from all indexes. After any other error, a reply of
      // Redis may have been lost, and the stream may exist. So it is only removed from the person's set of active streams, and stays
      // in the index that recovery reads.
      const wasRefused = error instanceof RejoinError;
      await Promise.all([
        wasRefused ? store.unindex(streamId, asker.userId) : store.unindexUser(streamId, asker.userId),
        quota?.release({
          userId,
          address,
          streamIds: [streamId],
          ...(chatBytes === 0 ? { chatId } : {}),
        }),
      ]).catch(() => {});
      throw error;
    }
  }

  async function pointAtStream({ seen, seenAt, asker, address, stream, pointing, chatBytes }: Claim): Promise<boolean> {
    const { streamId } = stream;
    const { userId, chatId } = stream.facts;
    let before = seen;
    let beforeAt = seenAt;
    let isAdmitted = false;
    for (let tries = 0; tries < MAX_POINTER_TRIES; tries++) {
      if (before !== null && before !== streamId) {
        const meta = await store.meta(before);
        if (meta && isRunning(meta.status)) throw streamIsActive(before);
        // The chat points at a stream that does not exist: its start is under way, or the starting process died. After one lease,
        // that start counts as failed.
        if (!meta && Date.now() - Date.parse(beforeAt ?? '') < leaseMs) throw streamIsActive(before);
        // After Redis was away, the stream may come back: its owner writes it again if Redis has lost it.
        if (!meta && store.wasAway()) throw new RejoinError('store_unavailable', { retryAfterSeconds: 1 });
        if (meta) {
          await settler.settleFromLog(before, meta);
          throw new ChatMoved();
        }
        await chats.unpoint(userId, chatId, before);
        before = null;
      }
      if (!isAdmitted) await admit({ streamId, userId: asker.userId, address: asker.address });
      isAdmitted = true;
      // Space is reserved at each try: if the chat was deleted since the last try, the reservation of that try is gone.
      const added = pointing.messages.reduce((sum, message) => sum + Buffer.byteLength(JSON.stringify(message)), 0);
      const streamBytes = stream.state.length + stream.frames.length;
      const stored = { userId, address, chatId, streamId, chatBytes: chatBytes + added, streamBytes };
      const temporary = pointing.temporary ?? false;
      const reserve = async () => {
        await quota?.reserve({ ...stored, temporary }).catch((error: unknown) => {
          throw forAsker(error, asker, userId);
        });
      };
      const reservedBy = quota?.subjectsOf(stored);
      const pointed = { ...pointing, userId, chatId, streamId, seen: before, reservedBy };
      const { at, created } = await pointAndCreate(stream, pointed, reserve);
      if (created !== 'unpointed') return created === 'created';
      before = at === '' ? null : at;
      beforeAt = new Date().toISOString();
    }
    throw streamIsActive(before ?? streamId);
  }

  /**
   * If streams and chats are on the same Redis server, this function sends all commands without waiting for replies in between.
   * Otherwise it waits for each reply before the next command. `at`: the stream at which the chat points now; '' if there is none.
   */
  async function pointAndCreate(
    stream: NewStream,
    pointing: Pointing,
    reserve: () => Promise<void>,
  ): Promise<{ at: string; created: CreateResult }> {
    const { streamId } = stream;
    const { userId, chatId } = stream.facts;
    const index = () => store.index([{ streamId, userId: askerIdOf(stream.facts) }]);
    if (store.seesChats) {
      const point = await chats.preparePoint(pointing);
      const reserved = reserve();
      reserved.catch(() => {
        /* awaited below */
      });
      const [{ at, isFull }, , created] = await Promise.all([point(), index(), store.create(stream, 'pointed')]);
      // Without reserved space the stream is not created. So if it exists, an error of this reservation does not matter: another
      // copy of this request has reserved the space.
      if (created === 'unpointed') await reserved;
      if (isFull) throw chatIsFull();
      return { at, created };
    }
    await reserve();
    const { at, isFull } = await chats.point(pointing);
    if (isFull) throw chatIsFull();
    if (at !== streamId) return { at, created: 'unpointed' };
    await index();
    const created = await store.create(stream);
    if (created !== 'created') return { at, created };
    // Another start may have moved the chat's pointer before the stream was created.
    const now = await chats.pointer(userId, chatId);
    if (now === streamId) return { at, created };
    await withdraw(stream);
    return { at: now ?? '', created: 'unpointed' };
  }

  const chatIsFull = () =>
    new RejoinError('too_many_messages', {
      detail: `A chat may have at most ${messagesPerChat} messages, including all versions. Begin a new chat.`,
    });

  /** Ends and removes a stream whose id no client has received yet. */
  async function withdraw({ streamId, facts, epoch }: NewStream): Promise<void> {
    await store.seal(streamId, { suffix: epochSuffix(), outcome: 'cancelled', error: null, ownerEpoch: epoch });
    await store.remove(streamId, 'any');
    await store.unindex(streamId, askerIdOf(facts));
  }

  return claimChat;
}
