import { RejoinError } from '../../../shared/errors.ts';
import { NOW, type ForkAnswer, type ParsedForkRequest } from '../../../shared/chat/forks.ts';
import type { StoredMessage } from '../../../shared/chat/messages.ts';
import type { Quota } from '../../limits/quota.ts';
import type { ChatHead, ChatStore, PathStep } from '../../store/chats/chat-store.ts';
import type { Copying, KeptOrigin } from '../../store/chats/forks/fork-store.ts';
import type { RoomChat } from '../../store/rooms/room-store.ts';
import { isRunning, type StreamStore } from '../../store/streams/stream-store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Settler } from '../../streams/end/settle.ts';
import type { StreamManager } from '../../streams/stream-manager.ts';
import type { Lane } from '../lane.ts';
import { partOfAnswer } from './part-of-answer.ts';

export interface ForkLimits {
  /** Maximum number of messages in a fork; 0: no limit. */
  messages: number;
  /** Maximum size of the messages in a fork as JSON, in bytes; 0: no limit. */
  bytes: number;
}

export interface ForkOptions {
  chats: ChatStore;
  store: Pick<StreamStore, 'read' | 'meta'>;
  settler: Pick<Settler, 'settleFromLog'>;
  manager: Pick<StreamManager, 'streamIdOf'>;
  quota?: Pick<Quota, 'reserve' | 'settled' | 'release'>;
  limits: ForkLimits;
  telemetry: Pick<Telemetry, 'branchMade'>;
  /** Runs large reads, only a few at a time, so that they do not delay the streams of other people. */
  lane: Lane;
}

export interface Forked {
  /** False if the same request was sent before and has made the fork. */
  created: boolean;
  answer: ForkAnswer;
}

/** Who asks for the fork, and which chat is copied. */
export interface ForkWhere {
  /** The person who gets the fork. */
  userId: string;
  source: RoomChat;
  /** The id under which `userId` knows the chat that is copied; for a member of a room, `~<roomId>`. */
  originId: string;
  /** A guest's network address as a keyed hash. */
  address: string | null;
}

/** Makes a fork: a new chat with the messages that lead to one message of another chat. Throws a `RejoinError`. */
export type ForkChat = (where: ForkWhere, request: ParsedForkRequest) => Promise<Forked>;

/** Messages are copied in batches of this size, so that no call takes long. A single message may be larger. */
const BATCH = { messages: 100, bytes: 256 * 1024 };
/** Maximum number of tries. A copy that is lost (it expired, or Redis lost its data) is begun again. */
const MAX_TRIES = 5;

interface Source {
  origin: KeptOrigin;
  /** The messages that are copied unchanged, parents before children. */
  path: PathStep[];
  /**
   * The beginning of the last message, if only the part up to an event id is copied; otherwise `null`. `path` does not have this
   * message.
   */
  part: StoredMessage | null;
  head: ChatHead;
}

/**
 * PROTOCOL.md 5.6. Every step can be repeated by any process. If a process dies between two steps, the copy expires, unless
 * the same request comes again and continues it.
 *
 *     find what is copied → check limits → copy messages in batches → note the fork in the copied chat → finish the copy
 */
export function createForkChat(options: ForkOptions): ForkChat {
  const { chats, store, settler, manager, telemetry, quota, limits, lane } = options;

  async function fork(where: ForkWhere, request: ParsedForkRequest): Promise<Forked> {
    const { userId } = where;
    const { forkId } = request;
    const known = await chats.head(userId, forkId);
    if (known !== null) return again(known, where, request);
    const source = await sourceOf(where, request);
    const bytes = checkedSize(source);
    const temporary = source.head.temporary;
    const stored = { userId, address: where.address, chatId: forkId, temporary };
    try {
      await quota?.reserve({ ...stored, chatBytes: bytes });
      const made = await copyAll(where, request, source);
      await quota?.settled({ ...stored, chatBytes: made.bytes });
      if (made.what === 'made') telemetry.branchMade();
      return { created: made.what === 'made', answer: answerOf(forkId, made.origin) };
    } catch (error) {
      // If another request has finished the fork with this id, the bytes stay counted.
      if ((await chats.head(userId, forkId).catch(() => undefined)) === null)
        await quota?.release({ userId, address: where.address, chatId: forkId, streamIds: [] }).catch(() => {
          /* the reserved bytes stay counted until the reservation expires */
        });
      throw error;
    }
  }

  /** The result if there is already a chat with the id of the fork. Throws `chat_exists` unless the same request made that chat. */
  async function again(known: ChatHead, where: ForkWhere, request: ParsedForkRequest): Promise<Forked> {
    const { userId, source, originId } = where;
    if (known.fork === null || !isSameRequest(known.fork, originId, request)) throw taken();
    const { chatId: forkId, fork: origin, temporary } = known;
    // `finishCopy` makes the fork a chat, and then puts it into the list of chats. The process may have died between the two.
    if (known.updatedAt === known.createdAt && known.archivedAt === null)
      await chats.finishCopy({
        userId,
        forkId,
        source,
        origin,
        temporary,
        count: 0,
        title: '',
        instructions: '',
        address: null,
      });
    return { created: false, answer: answerOf(forkId, origin) };
  }

  async function sourceOf({ source, originId }: ForkWhere, request: ParsedForkRequest): Promise<Source> {
    const { ownerId: userId, chatId } = source;
    const { messageId, at } = request;
    const streamId = manager.streamIdOf(userId, chatId, messageId);
    const [outline, meta] = await Promise.all([chats.outline(userId, chatId, [messageId]), store.meta(streamId)]);
    if (outline === null) throw new RejoinError('not_found');
    const stream = meta?.userId === userId && meta.chatId === chatId ? { streamId, meta } : null;
    const isStored = outline.places.has(messageId);
    if (!isStored && stream === null) throw new RejoinError('not_found');
    const part = await lane.run(() => partOfAnswer({ store, stream, at }));
    if (part.kind === 'whole' && !isStored) await settle(streamId);
    const origin = { chatId: originId, messageId, at: part.at, isNow: at === NOW, title: outline.head.title };
    const message = part.kind === 'part' ? part.message : null;
    const leaf = message === null ? messageId : message.parentId;
    const path = leaf === null ? [] : await chats.path(userId, chatId, leaf, Number.MAX_SAFE_INTEGER);
    if (leaf !== null && path.length === 0) throw new RejoinError('not_found');
    return { origin, path: path.reverse(), part: message, head: outline.head };
  }

  /** Puts an answer that has just ended into its chat, because messages are copied from the chat, not from the stream. */
  async function settle(streamId: string): Promise<void> {
    const meta = await store.meta(streamId);
    if (meta && !isRunning(meta.status)) await settler.settleFromLog(streamId, meta);
  }

  function checkedSize({ path, part }: Source): number {
    const count = path.length + (part ? 1 : 0);
    const partBytes = part ? Buffer.byteLength(JSON.stringify(part)) : 0;
    const bytes = path.reduce((sum, step) => sum + step.bytes, partBytes);
    if (limits.messages > 0 && count > limits.messages) {
      throw new RejoinError('too_many_messages', {
        detail: `This branch would have ${count} messages. A chat may have at most ${limits.messages}. Branch from an earlier message.`,
      });
    }
    if (limits.bytes > 0 && bytes > limits.bytes) {
      throw new RejoinError('quota_exceeded', {
        detail: `A branch may have at most ${limits.bytes} bytes (MAX_FORK_BYTES), and this one would have ${bytes}. Branch from an earlier message.`,
        extra: { bytes, maxBytes: limits.bytes },
      });
    }
    return bytes;
  }

  async function copyAll(where: ForkWhere, request: ParsedForkRequest, given: Source) {
    const { userId, originId, address } = where;
    const { forkId } = request;
    let source = given;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const copying: Copying = { userId, forkId, source: where.source, origin: source.origin };
      const begun = await chats.copy(copying, {});
      if (!('origin' in begun)) throw taken();
      if (begun.what !== 'copying') {
        // An earlier request with this `forkId` has already made or begun the fork. If the earlier request and this one say `now`,
        // the event id that was chosen for the earlier request is used.
        if (!isSameRequest(begun.origin, originId, request)) throw taken();
        if (begun.what === 'made')
          return { what: 'again' as const, origin: begun.origin, bytes: await bytesOf(userId, forkId) };
        source = await sourceOf(where, { ...request, at: begun.origin.at });
        source = { ...source, origin: begun.origin };
        continue;
      }
      if (!(await copyMessages(copying, source, begun.count))) continue;
      if (!(await noteOrigin(where, source.origin.messageId, forkId))) await giveUp(copying);
      const { title, instructions, temporary } = source.head;
      const finished = await chats.finishCopy({
        ...copying,
        count: source.path.length + (source.part ? 1 : 0),
        title: request.title ?? title,
        instructions,
        address,
        temporary,
      });
      if (finished.what !== 'lost') return { ...finished, what: finished.what, origin: source.origin };
    }
    throw new RejoinError('store_unavailable', {
      detail: 'The copy was lost. Please try again.',
      retryAfterSeconds: 1,
    });
  }

  /** Copies the messages that the copy does not have yet. False if the copy was lost, or was finished in the meantime. */
  async function copyMessages(copying: Copying, { path, part }: Source, from: number): Promise<boolean> {
    for (let count = from; count < path.length;) {
      const ids = batchFrom(path, count);
      const copied = await lane.run(() => chats.copy(copying, { after: count, ids }));
      if (copied.what === 'gone') await giveUp(copying);
      if (!('count' in copied) || copied.what !== 'copying') return false;
      // If the copy has fewer messages than expected, it has expired. It may also have more than expected, if another request adds
      // to the same copy.
      if (copied.count < count + ids.length) return false;
      count = copied.count;
    }
    if (part === null) return true;
    const copied = await chats.copy(copying, { after: path.length, messages: [part] });
    return 'count' in copied && copied.count > path.length;
  }

  /**
   * Notes the fork in the chat that is copied, if its owner makes the fork. The fork of a member is not noted, because the owner
   * must not see it. False if the chat was deleted in the meantime, or if the member may not fork the chat any more.
   */
  async function noteOrigin({ userId, source }: ForkWhere, messageId: string, forkId: string): Promise<boolean> {
    const { ownerId, chatId } = source;
    if (userId === ownerId) return chats.noteFork(userId, { chatId, messageId, forkId });
    const room = await chats.rooms.look(source, [userId]);
    const member = room?.members.get(userId);
    return member !== undefined && (member.role === 'editor' || room!.viewersFork);
  }

  /** Drops the copy, because the chat or a message was deleted meanwhile, or the person may not fork the chat any more. */
  async function giveUp(copying: Copying): Promise<never> {
    await chats.dropCopy(copying);
    throw new RejoinError('not_found');
  }

  const bytesOf = async (userId: string, forkId: string) => (await chats.head(userId, forkId))?.bytes ?? 0;

  return fork;
}

function batchFrom(path: readonly PathStep[], from: number): string[] {
  let bytes = 0;
  const batch: string[] = [];
  for (const step of path.slice(from, from + BATCH.messages)) {
    bytes += step.bytes;
    if (batch.length > 0 && bytes > BATCH.bytes) break;
    batch.push(step.id);
  }
  return batch;
}

/** Two requests with `now` count as the same request, although `now` stands for a different event id each time. */
const isSameRequest = (made: KeptOrigin, originId: string, { messageId, at }: ParsedForkRequest): boolean =>
  made.chatId === originId && made.messageId === messageId && (at === NOW ? made.isNow : made.at === at);

const taken = () => new RejoinError('chat_exists', { detail: 'Choose another "forkId" for another fork.' });

const answerOf = (forkId: string, { chatId, messageId, at, title }: KeptOrigin): ForkAnswer => ({
  chatId: forkId,
  leafId: messageId,
  from: { chatId, messageId, at, title },
});
