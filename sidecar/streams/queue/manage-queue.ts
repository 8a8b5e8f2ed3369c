import {
  MAX_SHOWN_CHARS,
  type Queue,
  type QueueAction,
  type QueuedTurn,
  type QueuedTurnPatch,
} from '../../../shared/chat/chat.ts';
import { messageText, type Message } from '../../../shared/chat/messages.ts';
import { RejoinError } from '../../../shared/errors.ts';
import type { Quota } from '../../limits/quota.ts';
import type { StreamMeta, StreamStore } from '../../store/streams/stream-store.ts';
import type { ChatQueue, Question, QueueChange, QueueChanged, WaitingTurn } from '../../store/chats/chat-queue.ts';
import type { ChatStore } from '../../store/chats/chat-store.ts';
import { turnRefusal } from '../../store/rooms/role-refusal.ts';
import { BEGIN_GRACE_MS } from '../end/settle.ts';
import { waitingBytes } from './enqueue-turn.ts';
import type { ClearLostPointer } from './lost-pointer.ts';
import { forAsker } from '../start/asker.ts';

/** The queue of a chat, and the person who changes it. */
export interface QueueOf {
  /** The owner of the chat. */
  userId: string;
  chatId: string;
  /** The member who changes the queue in somebody else's chat; `null` if the owner changes it. */
  member: string | null;
}

/** Reads and changes the turns that wait in a chat. A change throws `role_required` if the member's role does not allow it. */
export interface ManageQueue {
  read(userId: string, chatId: string): Promise<Queue>;
  /** One turn with its whole text. Throws `not_waiting` if the turn no longer waits. */
  readTurn(userId: string, chatId: string, messageId: string): Promise<QueuedTurn>;
  act(queue: QueueOf, action: QueueAction): Promise<Queue>;
  /** Changes the text of a turn, its place, or both. Throws `not_waiting` if the turn no longer waits. */
  change(queue: QueueOf, messageId: string, patch: QueuedTurnPatch): Promise<Queue>;
  /** Removes a turn and ends its stream. Throws `not_waiting` if the turn no longer waits. */
  remove(queue: QueueOf, messageId: string): Promise<Queue>;
  /** Removes all turns of a member who may not ask any more. */
  removeAllOf(chat: { userId: string; chatId: string }, member: string): Promise<void>;
}

export function createManageQueue({
  store,
  chats,
  streamIdOf,
  end,
  cancel,
  begin,
  clearLostPointer,
  quota,
}: {
  store: Pick<StreamStore, 'meta' | 'index'>;
  chats: ChatStore;
  streamIdOf(userId: string, chatId: string, messageId: string): string;
  /** Ends a waiting stream with the status `cancelled`. */
  end(streamId: string): Promise<void>;
  cancel(userId: string, streamId: string, stopping: { personId: string }): Promise<unknown>;
  /** Begins a stream whose turn was chosen. */
  begin(streamId: string): Promise<unknown>;
  clearLostPointer: ClearLostPointer;
  /** If omitted, stored bytes are not counted. */
  quota?: Pick<Quota, 'reserve' | 'settled' | 'release'>;
}): ManageQueue {
  async function read(userId: string, chatId: string): Promise<Queue> {
    const queue = await chats.queue(userId, chatId, true);
    if (queue === null) throw new RejoinError('not_found');
    return toQueue(queue);
  }

  async function apply({ userId, chatId, member }: QueueOf, change: QueueChange): Promise<QueueChanged> {
    const changed = await chats.changeQueue(userId, chatId, change, member);
    if (changed?.isDone) return changed;
    if (changed === null || change.what === 'discard') throw new RejoinError('not_found');
    throw await whyNotWaiting(userId, chatId, change.messageId);
  }

  /** `not_waiting` if the turn's stream or message is still stored, otherwise `not_found`. */
  async function whyNotWaiting(userId: string, chatId: string, messageId: string): Promise<RejoinError> {
    const streamId = streamIdOf(userId, chatId, messageId);
    const [meta, chat] = await Promise.all([store.meta(streamId), chats.outline(userId, chatId, [messageId])]);
    if (meta === null && !chat?.places.has(messageId)) return new RejoinError('not_found');
    return new RejoinError('not_waiting', { detail: whyNot(meta), extra: { streamId } });
  }

  async function endAll(userId: string, chatId: string, messageIds: readonly string[]): Promise<void> {
    await Promise.all(messageIds.map((messageId) => end(streamIdOf(userId, chatId, messageId))));
  }

  async function goOn(userId: string, chatId: string, how: 'resumed' | 'sent'): Promise<void> {
    const next = await chats.goOn(userId, chatId, how);
    if (next === null) return;
    // If this process dies before it begins the stream, recovery begins it.
    await store.index([{ streamId: next, inMs: BEGIN_GRACE_MS }]);
    await begin(next);
  }

  /**
   * A chat points to its current stream, and the next turn is chosen when that stream ends. If the stream no longer exists, the
   * queue would wait forever, so the pointer is cleared.
   */
  async function clearPointer(userId: string, chatId: string): Promise<void> {
    const head = await chats.head(userId, chatId);
    if (head !== null) await clearLostPointer(userId, head);
  }

  /** Changes the text of a turn, and records in the quota how many bytes the turn now takes. */
  async function edit(queue: QueueOf, turn: WaitingTurn, question: Question): Promise<void> {
    const { userId, chatId } = queue;
    const head = await chats.head(userId, chatId);
    if (head === null) throw new RejoinError('not_found');
    const { messageId, streamId } = turn;
    const holding = (kept: unknown) => ({
      userId,
      address: head.address,
      chatId,
      streamId,
      chatBytes: head.bytes,
      streamBytes: waitingBytes(kept, head.instructions),
      temporary: head.temporary,
      waits: true,
    });
    const countOldText = async () => {
      const now = await chats.queue(userId, chatId);
      if (now === null) await quota?.release({ ...holding(null), streamIds: [streamId] });
      // If the turn was chosen or removed meanwhile, nothing is recorded here, because the end of its stream records the size.
      else if (now.turns.some((waiting) => waiting.streamId === streamId)) await quota?.settled(holding(turn.question));
    };
    try {
      await quota?.reserve(holding(question));
      await apply(queue, { what: 'edit', messageId, question });
    } catch (error) {
      if (error instanceof RejoinError) await countOldText();
      throw forAsker(error, { userId: queue.member ?? userId }, userId);
    }
  }

  return {
    read,

    async readTurn(userId, chatId, messageId) {
      const { turns = [] } = (await chats.queue(userId, chatId, true)) ?? {};
      const at = turns.findIndex((turn) => turn.messageId === messageId);
      if (at === -1) throw await whyNotWaiting(userId, chatId, messageId);
      return { ...toTurn(turns[at]!, at), question: plain(turns[at]!.question), cut: false };
    },

    async act(queue, action) {
      const { userId, chatId } = queue;
      switch (action.action) {
        case 'resume':
          await clearPointer(userId, chatId);
          await goOn(userId, chatId, 'resumed');
          break;
        case 'discard': {
          const { removed } = await apply(queue, { what: 'discard' });
          await endAll(userId, chatId, removed);
          break;
        }
        case 'send': {
          await clearPointer(userId, chatId);
          const { stream } = await apply(queue, { what: 'first', messageId: action.messageId ?? '' });
          // If an answer is being written, it is stopped, and the end of that answer chooses the turn. Otherwise the turn is chosen
          // here.
          if (stream !== null) await cancel(userId, stream, { personId: queue.member ?? userId });
          else await goOn(userId, chatId, 'sent');
        }
      }
      return read(userId, chatId);
    },

    async change(queue, messageId, { text, place }) {
      const { userId, chatId } = queue;
      if (text !== undefined) {
        const turn = (await chats.queue(userId, chatId, true))?.turns.find(
          (waiting) => waiting.messageId === messageId,
        );
        if (turn === undefined) throw await whyNotWaiting(userId, chatId, messageId);
        const { question, createdAt, by } = turn;
        // The question keeps its author's name, so only the author may change its text. The owner of the chat can move or remove
        // other people's turns, but not edit them. A turn without `by` is the owner's: when it was queued, nobody else was in the
        // chat.
        if ((by?.userId ?? userId) !== (queue.member ?? userId)) throw turnRefusal('small-role');
        if (question === null)
          throw new RejoinError('invalid_request', {
            detail: 'This turn regenerates an answer, so it has no text to edit.',
          });
        await edit(queue, turn, { ...question, createdAt, parts: [{ type: 'text', text }] });
      }
      if (place !== undefined) await apply(queue, { what: 'move', messageId, place });
      return read(userId, chatId);
    },

    async remove(queue, messageId) {
      const { userId, chatId } = queue;
      const { removed } = await apply(queue, { what: 'remove', messageId });
      await endAll(userId, chatId, removed);
      return read(userId, chatId);
    },

    async removeAllOf({ userId, chatId }, member) {
      const { turns = [] } = (await chats.queue(userId, chatId, true)) ?? {};
      for (const { messageId, by } of turns) {
        if (by?.userId !== member) continue;
        const changed = await chats.changeQueue(userId, chatId, { what: 'remove', messageId });
        await endAll(userId, chatId, changed?.removed ?? []);
      }
    },
  };
}

function whyNot(meta: StreamMeta | null): string {
  switch (meta?.status) {
    case 'queued':
    case 'active':
    case 'sealed':
      return 'This turn is no longer waiting: its answer is being written.';
    case 'cancelled':
      return 'This turn was stopped or removed.';
    default:
      return 'This turn has been answered, or its answer failed.';
  }
}

/** The queue as the API returns it. Long questions are cut, because a queue full of them may take megabytes. */
export const toQueue = ({ turns, isPaused }: ChatQueue): Queue => ({ paused: isPaused, turns: turns.map(toTurn) });

function toTurn({ question: kept, ...turn }: WaitingTurn, at: number): QueuedTurn {
  const { messageId, streamId, modelId, createdAt, under, followsVersions, by } = turn;
  const question = plain(kept);
  const cut = question !== null && JSON.stringify(question.parts).length > MAX_SHOWN_CHARS;
  return {
    messageId,
    streamId,
    modelId,
    place: at + 1,
    createdAt,
    question: cut ? { ...question, parts: [{ type: 'text', text: beginningOf(question) }] } : question,
    cut,
    under,
    followsVersions,
    ...(by ? { by } : {}),
  };
}

const plain = (question: Message | null) => question && { id: question.id, role: question.role, parts: question.parts };

/** The beginning of a question's text. A character is not cut in two. */
const beginningOf = (question: Pick<Message, 'parts'>): string =>
  messageText(question)
    .slice(0, MAX_SHOWN_CHARS)
    .replace(/[\uD800-\uDBFF]$/, '');
