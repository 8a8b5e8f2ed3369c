import type { Message } from '../../../shared/chat/messages.ts';
import type { StreamOutcome } from '../../../shared/stream/stream.ts';
import { turnRefusal } from '../rooms/role-refusal.ts';
import type { ChatQueue, Enqueued, NewTurn, QueueChange, QueueChanged } from './chat-queue.ts';
import type { ChatHead } from './chat-store.ts';
import type { SaidMessage } from './said/said-store.ts';

export interface KeptQueue {
  turns: NewTurn[];
  isPaused: boolean;
  interrupted: string | null;
}

export const emptyQueue = (): KeptQueue => ({ turns: [], isPaused: false, interrupted: null });

/** The same as `enqueue.lua`. */
export function enqueue(
  { queue, head, said }: { queue: KeptQueue; head: ChatHead; said: readonly SaidMessage[] },
  turn: NewTurn,
): Enqueued {
  if (head.stream === turn.streamId) return { what: 'chosen' };
  const known = queue.turns.findIndex(({ messageId }) => messageId === turn.messageId);
  if (known !== -1)
    return {
      what: 'queued',
      place: known + 1,
      fingerprint: queue.turns[known]!.fingerprint,
      interrupted: queue.interrupted,
    };
  if (head.stream === null) return { what: 'idle' };
  const { length } = queue.turns;
  if (turn.maxWaiting > 0 && length >= turn.maxWaiting) return { what: 'full' };
  if (turn.maxMessages > 0 && head.count + said.length + 2 * length + 3 > turn.maxMessages) return { what: 'crowded' };
  if (turn.instructions !== undefined) head.instructions = turn.instructions;
  head.archivedAt = null;
  if (turn.interrupts) {
    queue.turns.unshift(turn);
    queue.interrupted = head.stream;
  } else queue.turns.push(turn);
  const { fingerprint, interrupts } = turn;
  const interrupted = interrupts ? head.stream : null;
  return { what: 'queued', place: interrupts ? 1 : length + 1, fingerprint, interrupted };
}

export const readQueue = (
  { queue, head, said }: { queue: KeptQueue; head: ChatHead; said: readonly SaidMessage[] },
  withQuestions: boolean,
  underOf: (turn: NewTurn) => string | null,
): ChatQueue => ({
  stream: head.stream,
  isPaused: queue.isPaused,
  interrupted: queue.interrupted,
  said: withQuestions ? structuredClone([...said]) : [],
  turns: queue.turns.map((turn) => ({
    messageId: turn.messageId,
    streamId: turn.streamId,
    modelId: turn.modelId,
    fingerprint: turn.fingerprint,
    by: turn.by ?? null,
    questionId: turn.questionId,
    under: withQuestions ? underOf(turn) : null,
    followsVersions: typeof turn.after === 'object' && 'branchOf' in turn.after && turn.after.count !== null,
    createdAt: turn.createdAt,
    question: withQuestions ? turn.question && (structuredClone(turn.question) as Message) : null,
  })),
});

/** The same as `change-queue.lua`. */
export function changeQueue(
  queue: KeptQueue,
  head: ChatHead,
  { change, member }: { change: QueueChange; member: string | null },
): QueueChanged {
  const isOwn = (turn: NewTurn) => member === null || turn.member === member;
  const { stream } = head;
  const { turns } = queue;
  if (change.what === 'discard') {
    const removed = turns.filter(isOwn).map(({ messageId }) => messageId);
    queue.turns = turns.filter((turn) => !isOwn(turn));
    if (queue.turns.length === 0) Object.assign(queue, emptyQueue());
    return { isDone: true, stream, removed };
  }
  const at = turns.findIndex(({ messageId }) => messageId === change.messageId);
  if (at === -1) return { isDone: false, stream, removed: [] };
  if (change.what !== 'first' && !isOwn(turns[at]!)) throw turnRefusal('small-role');
  if (change.what === 'edit') {
    turns[at] = { ...turns[at]!, question: structuredClone(change.question) };
    return { isDone: true, stream, removed: [] };
  }
  const [turn] = turns.splice(at, 1);
  if (change.what === 'remove') {
    if (turns.length === 0) Object.assign(queue, emptyQueue());
    return { isDone: true, stream, removed: [turn!.messageId] };
  }
  turns.splice(change.what === 'first' ? 0 : Math.max(0, change.place - 1), 0, turn!);
  if (change.what === 'first' && stream !== null) queue.interrupted = stream;
  return { isDone: true, stream, removed: [] };
}

/**
 * The step "Choose" of `settle.lua`. `mayAsk`: whether a member may still ask questions in the chat. `how.ended`: the stream
 * that has just ended. `how` is `null` if no stream has just ended and no person asked for the next turn.
 */
export function choose(
  { queue, head, mayAsk }: { queue: KeptQueue; head: ChatHead; mayAsk(member: string): boolean },
  how: { ended: string; status: StreamOutcome } | 'resumed' | 'sent' | null,
): NewTurn | null {
  if (how === 'resumed') queue.isPaused = false;
  const { interrupted } = queue;
  const hasEnded = how !== null && typeof how === 'object';
  if (hasEnded) queue.interrupted = null;
  if (queue.turns.length === 0 || head.stream !== null || how === null) return null;
  if (hasEnded && interrupted !== how.ended) {
    if (how.status !== 'completed') queue.isPaused = true;
    if (queue.isPaused) return null;
  }
  const isDropped = ({ member = null }: NewTurn) => member !== null && !mayAsk(member);
  let turn = queue.turns.shift();
  while (turn && isDropped(turn)) turn = queue.turns.shift();
  if (queue.turns.length === 0) queue.isPaused = false;
  return turn ?? null;
}
