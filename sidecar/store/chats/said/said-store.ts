import type { Message, StoredMessage } from '../../../../shared/chat/messages.ts';

/** A message without its parent. The parent is known only when the message is added to the tree of the chat's messages. */
export type SaidMessage = Message & Pick<StoredMessage, 'createdAt' | 'by'>;

/** A person's message that asks for no answer. */
export interface Saying {
  userId: string;
  chatId: string;
  /**
   * The member who writes the message; `null` if the owner writes it. `say` throws `not_found` or `role_required` if the member may not
   * write in the chat.
   */
  member: string | null;
  message: SaidMessage;
  /**
   * The message that the said message follows. `id: null`: the said message follows no message. `newest`: the said message follows the
   * newest message or, while an answer is being written, this answer.
   */
  after: 'newest' | { id: string | null };
  /** Maximum number of messages of the chat. 0: no limit. */
  maxMessages: number;
}

export type Said =
  /** `waits`: an answer is being written. The message is added after the answer once the answer has ended. */
  | { what: 'said' | 'waits' }
  /** There is already a message with this id. */
  | { what: 'known'; message: StoredMessage }
  /** A turn that waits in the queue has this id for its question or its answer. */
  | { what: 'taken' }
  | { what: 'full' }
  /** The message named by `after` does not exist. */
  | { what: 'elsewhere' }
  | { what: 'gone' };

/** What people say without asking the model (PROTOCOL.md 5.10). `said-store.suite.ts` tests every promise made here. */
export interface SaidStore {
  /** Saying the same message again changes nothing. */
  say(saying: Saying): Promise<Said>;
}
