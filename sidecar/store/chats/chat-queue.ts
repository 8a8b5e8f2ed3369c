import type { Message } from '../../../shared/chat/messages.ts';
import type { SaidMessage } from './said/said-store.ts';
import type { Author } from '../../../shared/chat/rooms.ts';

/** A question that waits. It has no parent yet. */
export type Question = Message & { createdAt: string };

/**
 * The message that a question follows when its turn is chosen:
 * - `newest`: the newest message of the chat;
 * - `id`: this message, or `null` for the beginning of the chat;
 * - `branchOf`: the last message of the branch below this message. The message may be an answer that is not in the chat yet. If it is
 *   still not in the chat when the turn is chosen, the question follows the newest message. With `count`, the number of messages in the
 *   chat at the time of the request, another version of the message or of its question takes its place, if it was added since.
 */
export type After = 'newest' | { id: string | null } | { branchOf: string; count: number | null };

/**
 * A question and the answer to be written. The turn waits until the answers before it are complete. Then it is chosen: it leaves
 * the queue, its question becomes a message, and the chat points at its stream.
 */
export interface NewTurn {
  userId: string;
  chatId: string;
  /** The id of the answer to be written. It also identifies the turn. */
  messageId: string;
  streamId: string;
  modelId: string;
  /** Identifies the request, so that a repetition of it is recognized. */
  fingerprint: string;
  /** Who asked; `null` in a chat without a room. */
  by?: Author | null;
  questionId: string;
  /** `null` if the question is already a message of the chat. */
  question: Question | null;
  after: After;
  /** `undefined` leaves the instructions of the chat unchanged. */
  instructions: string | undefined;
  /** ISO 8601. */
  createdAt: string;
  /** True if the turn goes to the front and interrupts the answer that is being written ({@link ChatQueue.interrupted}). */
  interrupts: boolean;
  /** The member who asks in another person's chat. `enqueue` throws `not_found` or `role_required` if they may no longer ask. */
  member?: string | null;
  /** Maximum number of turns that wait. 0: no limit. */
  maxWaiting: number;
  /** Maximum number of messages in the chat. 0: no limit. */
  maxMessages: number;
}

export interface WaitingTurn {
  messageId: string;
  streamId: string;
  modelId: string;
  fingerprint: string;
  by: Author | null;
  questionId: string;
  /**
   * A message of the branch to which the question belongs now. `null` if there is none, or if `queue` was called without
   * `withQuestions`.
   */
  under: string | null;
  /** True if the turn was queued with a `count` ({@link After}). */
  followsVersions: boolean;
  createdAt: string;
  /** `null` if the question is already a message of the chat, or if `queue` was called without `withQuestions`. */
  question: Message | null;
}

/** The turns that wait in a chat, in their order. */
export interface ChatQueue {
  /** The stream that the chat points at. */
  stream: string | null;
  /** True if no turn is chosen until a person resumes the queue or sends one of its turns. */
  isPaused: boolean;
  /** The stream that was interrupted. When this stream ends, even by an error or a cancel, the first waiting turn is chosen. */
  interrupted: string | null;
  turns: WaitingTurn[];
  /**
   * Messages that ask for no answer, oldest first. They are added to the chat when the answer that is being written has ended. Empty
   * if `queue` was called without `withQuestions`.
   */
  said: SaidMessage[];
}

export type Enqueued =
  /**
   * `place` counts from 1. `fingerprint`: the fingerprint of the first request that queued this turn. `interrupted`: the stream that
   * this turn interrupts, or `null`. If an earlier request has already queued the turn, the value is {@link ChatQueue.interrupted}.
   */
  | { what: 'queued'; place: number; fingerprint: string; interrupted: string | null }
  /** The turn has been chosen already. */
  | { what: 'chosen' }
  /** Nothing is being written in the chat. */
  | { what: 'idle' }
  /** `maxWaiting` turns already wait. */
  | { what: 'full' }
  /** The chat would have more than `maxMessages` messages. */
  | { what: 'crowded' }
  | { what: 'gone' };

export type QueueChange =
  | { what: 'remove'; messageId: string }
  /** `place` counts from 1. A number beyond the end means the last place. */
  | { what: 'move'; messageId: string; place: number }
  | { what: 'edit'; messageId: string; question: Question }
  /** Moves the turn to the front, and marks the answer that is being written as interrupted ({@link ChatQueue.interrupted}). */
  | { what: 'first'; messageId: string }
  | { what: 'discard' };

export interface QueueChanged {
  /** False if no such turn waits. */
  isDone: boolean;
  stream: string | null;
  /** The turns that were removed, by the ids of their answers. */
  removed: string[];
}

/** The queue of each chat (PROTOCOL.md 5.8). Only `ChatStore.settle` and {@link QueueStore.goOn} choose turns. */
export interface QueueStore {
  enqueue(turn: NewTurn): Promise<Enqueued>;
  /** `null` if there is no such chat. `withQuestions`: default false. */
  queue(userId: string, chatId: string, withQuestions?: boolean): Promise<ChatQueue | null>;
  /**
   * `null` if there is no such chat. `member`: the member who asks for the change in another person's chat. Throws `not_found`
   * or `role_required` if the member may not change the queue in this way. Members change only their own turns, but may put any
   * turn to the front.
   */
  changeQueue(
    userId: string,
    chatId: string,
    change: QueueChange,
    member?: string | null,
  ): Promise<QueueChanged | null>;
  /**
   * Chooses the next turn because a person asks for it. `resumed` also ends the pause of the queue. With `sent`, the queue stays
   * paused.
   *
   * Returns the stream of the chosen turn, or else the stream that is already being written; `null` if there is neither.
   */
  goOn(userId: string, chatId: string, how: 'resumed' | 'sent'): Promise<string | null>;
}
