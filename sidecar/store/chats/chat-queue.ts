import type { Message } from '../../../shared/messages.ts';
import type { SaidMessage } from './said/said-store.ts';
import type { Author } from '../../../shared/rooms.ts';

/** A question that waits. Its parent is known once its turn is chosen. */
export type Question = Message & { createdAt: string };

/** A turn that is to wait until the answers before it are complete. */
export interface NewTurn {
  userId: string;
  chatId: string;
  /** The answer to be written. It names the turn. */
  messageId: string;
  streamId: string;
  modelId: string;
  /** Tells a repetition of the request from another one with the same `messageId`. */
  fingerprint: string;
  /** Who asked; `null` in a chat without a room. */
  by?: Author | null;
  questionId: string;
  /** `null` if the question is a message of the chat already. */
  question: Question | null;
  /** The message that the question follows. `newest`: the newest message at the moment at which the turn is chosen. */
  after: 'newest' | { id: string | null };
  /** `undefined` does not change those of the chat. */
  instructions: string | undefined;
  /** ISO 8601. */
  createdAt: string;
  /** True if the turn goes to the front, and the answer that is being written counts as interrupted. */
  interrupts: boolean;
  /** The member who asks in another person's chat. `enqueue` throws `not_found` or `role_required` if they may not any more. */
  member?: string | null;
  /** Maximum number of turns that wait, and of messages in the chat. 0: no limit. */
  maxWaiting: number;
  maxMessages: number;
}

export interface WaitingTurn {
  messageId: string;
  streamId: string;
  modelId: string;
  fingerprint: string;
  by: Author | null;
  questionId: string;
  createdAt: string;
  /** `null` if the question is a message of the chat already, or without `withQuestions`. */
  question: Message | null;
}

/** The turns that wait in a chat, in their order. */
export interface ChatQueue {
  /** The stream that the chat points at: it is being written, or its turn has come. */
  stream: string | null;
  /** True if the queue is held until a person decides. */
  isPaused: boolean;
  /** The stream that was interrupted: when it ends, the first turn is taken, also after an error or a cancellation. */
  interrupted: string | null;
  turns: WaitingTurn[];
  /** Messages that people added while the answer is written, oldest first. Empty without `withQuestions`. */
  said: SaidMessage[];
}

export type Enqueued =
  /** `place` counts from 1. `fingerprint`: of the request that queued the turn, which may be an earlier one.
   * `interrupted`: as in {@link ChatQueue}. */
  | { what: 'queued'; place: number; fingerprint: string; interrupted: string | null }
  /** Its turn has come already. */
  | { what: 'chosen' }
  /** Nothing is being written in the chat. */
  | { what: 'idle' }
  /** The maximum number of turns waits already. */
  | { what: 'full' }
  /** The chat would have more messages than it may have. */
  | { what: 'crowded' }
  | { what: 'gone' };

export type QueueChange =
  | { what: 'remove'; messageId: string }
  /** `place` counts from 1. A number beyond the end means the last place. */
  | { what: 'move'; messageId: string; place: number }
  | { what: 'edit'; messageId: string; question: Question }
  /** Moves the turn to the front. The answer that is being written counts as interrupted, so this turn follows it. */
  | { what: 'first'; messageId: string }
  | { what: 'discard' };

export interface QueueChanged {
  /** False if the turn does not wait. */
  isDone: boolean;
  stream: string | null;
  /** The turns that were removed, by the ids of their answers. */
  removed: string[];
}

/**
 * The queue of each chat (PROTOCOL.md 5.8). Turns are chosen by `ChatStore.settle` and `QueueStore.goOn`, which run the same
 * script, and nowhere else.
 */
export interface QueueStore {
  enqueue(turn: NewTurn): Promise<Enqueued>;
  /** `null` if there is no such chat. `withQuestions`: default false. */
  queue(userId: string, chatId: string, withQuestions?: boolean): Promise<ChatQueue | null>;
  /**
   * `null` if there is no such chat. `member`: who asks for it in somebody else's chat. Throws `not_found` or `role_required` if
   * they may not. Members change their own turns only, but may put any to the front.
   */
  changeQueue(
    userId: string,
    chatId: string,
    change: QueueChange,
    member?: string | null,
  ): Promise<QueueChanged | null>;
  /**
   * Takes the next turn because a person asks for it. `resumed` also ends the hold; with `sent` the others stay held.
   * Returns the stream whose turn has come, or that is being written; `null` if there is none.
   */
  goOn(userId: string, chatId: string, how: 'resumed' | 'sent'): Promise<string | null>;
}
