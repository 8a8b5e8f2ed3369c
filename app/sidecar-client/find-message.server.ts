import { RejoinError } from '../../shared/errors.ts';
import type { BranchMessage } from '../../shared/chat/chat.ts';
import type { Caller } from './sidecar-http.server.ts';
import { getChat } from './sidecar.server.ts';

export interface FoundMessage {
  message: BranchMessage;
  /** The ids of the answers to the message. */
  answers: string[];
}

/** Finds one message anywhere in a conversation; `null` if the message or the chat does not exist. */
export async function findMessage(caller: Caller, chatId: string, messageId: string): Promise<FoundMessage | null> {
  try {
    const { messages, answers } = await getChat(caller, chatId, { at: messageId, limit: 1 });
    const message = messages.at(-1);
    return message?.id === messageId ? { message, answers } : null;
  } catch (error) {
    if (error instanceof RejoinError && error.code === 'not_found') return null;
    throw error;
  }
}
