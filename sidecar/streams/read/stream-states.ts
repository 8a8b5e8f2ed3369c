import { formatEventId } from '../../../shared/stream/event-id.ts';
import type { StreamState } from '../../../shared/stream/stream.ts';
import { isRunning, publicStatus, type StreamMeta, type StreamStore } from '../../store/streams/stream-store.ts';
import { askedBy, askerIdOf, refOf, toAuthor } from '../../store/streams/asked-by.ts';
import type { ChatStore } from '../../store/chats/chat-store.ts';
import type { Settler } from '../end/settle.ts';
import { lastEventIdOf } from '../log/read-frames.ts';
import { placeOfTurn } from '../queue/turn-place.ts';
import type { Finder } from './find-stream.ts';

/** Maximum length in bytes of the `id:` line at the end of a frame, with the line breaks around it. */
const PROOF_BYTES = 96;

export interface StreamStates {
  /** @throws RejoinError `not_found` */
  one(userId: string, streamId: string): Promise<StreamState>;
  /** The person's active streams. Settles streams that have ended but are still in the store's list of this person's streams. */
  active(userId: string): Promise<StreamState[]>;
  /**
   * For administrators: the states of those `streamIds` that are active, whichever user they belong to. Each state contains the
   * user and the process that owns the stream.
   */
  activeAmong(streamIds: readonly string[]): Promise<StreamState[]>;
  /** `null` if the log has no frame yet. */
  lastEventId(streamId: string, meta: StreamMeta): Promise<string | null>;
}

export function createStreamStates({
  store,
  chats,
  finder,
  settler,
  lastActivityHere,
}: {
  store: StreamStore;
  chats: Pick<ChatStore, 'queue'>;
  finder: Finder;
  settler: Settler;
  /** When the model last sent something, in milliseconds since 1970; `undefined` if this process does not write the stream. */
  lastActivityHere(streamId: string): number | undefined;
}): StreamStates {
  async function toState(streamId: string, meta: StreamMeta): Promise<StreamState> {
    const { userId, chatId, status } = meta;
    const by = askedBy(meta);
    const heardAt = lastActivityHere(streamId);
    const place = status === 'queued' ? await placeOfTurn(chats, { userId, chatId, streamId }) : null;
    return {
      streamId,
      chatId: meta.chatId,
      messageId: meta.messageId,
      modelId: meta.modelId,
      status: publicStatus(meta.status),
      ...(place === null ? {} : { place }),
      startTime: meta.startTime,
      lastActivity: heardAt === undefined ? meta.lastActivity : new Date(heardAt).toISOString(),
      lastEventId: await lastEventId(streamId, meta),
      bytes: meta.length,
      sha256: meta.sha256,
      error: meta.error,
      ...(by ? { by: toAuthor(by) } : {}),
      resumable: store.resumable,
    };
  }

  async function lastEventId(streamId: string, meta: StreamMeta): Promise<string | null> {
    if (meta.status === 'queued') return null;
    if (!isRunning(meta.status)) return formatEventId({ epoch: meta.epoch, position: meta.length });
    const page = await store.read(streamId, Math.max(0, meta.length - PROOF_BYTES), 2 * PROOF_BYTES);
    const id = typeof page === 'string' ? null : lastEventIdOf(page.bytes.subarray(0, meta.length - page.position));
    return id && formatEventId(id);
  }

  async function ofPerson(userId: string, streamId: string): Promise<StreamState | null> {
    const meta = await store.meta(streamId);
    if (meta && askerIdOf(meta) === userId && isRunning(meta.status)) {
      // If a member asked the question, the returned `chatId` is the reference of the room: members do not use the chat's id.
      return { ...(await toState(streamId, meta)), chatId: refOf(meta) };
    }
    if (meta) await settler.settleFromLog(streamId, meta);
    else await store.unindexMissing(streamId, userId);
    return null;
  }

  async function ofAnybody(streamId: string): Promise<StreamState | null> {
    const meta = await store.meta(streamId);
    if (meta === null || !isRunning(meta.status)) return null;
    return { ...(await toState(streamId, meta)), userId: meta.userId, owner: meta.owner };
  }

  const all = async (states: Promise<StreamState | null>[]) =>
    (await Promise.all(states)).filter((state) => state !== null);

  return {
    one: async (userId, streamId) => toState(streamId, await finder.meta(userId, streamId)),
    active: async (userId) => all((await store.userStreams(userId)).map((streamId) => ofPerson(userId, streamId))),
    activeAmong: (streamIds) => all(streamIds.map(ofAnybody)),
    lastEventId,
  };
}
