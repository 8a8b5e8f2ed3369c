import type { StoredMessage } from '../../../../shared/chat/messages.ts';
import type { KeptQueue } from '../memory-chat-queue.ts';
import type { ChatHead } from '../chat-store.ts';
import type { Said, SaidMessage, Saying } from './said-store.ts';

/** The parts of a chat in memory that `say` uses. */
export interface MemorySaidChat {
  head: ChatHead;
  messages: ReadonlyMap<string, { message: StoredMessage }>;
  queue: KeptQueue;
  /** Said messages (`said-store.ts`) that wait for the end of the answer that is being written. They will follow this answer. */
  said: SaidMessage[];
}

/** The same as `say.lua`. `add` adds a message to the tree of the chat's messages. */
export function say(
  { head, messages, queue, said }: MemorySaidChat,
  { message, after, maxMessages }: Saying,
  add: (message: StoredMessage) => void,
): Said {
  const { id } = message;
  const waiting = said.find((one) => one.id === id);
  const known = messages.get(id)?.message ?? (waiting && ({ ...waiting, parentId: null } as StoredMessage));
  if (known) return { what: 'known', message: structuredClone(known) };
  if (queue.turns.some(({ questionId, messageId }) => questionId === id || messageId === id)) return { what: 'taken' };
  const coming = 1 + said.length + (head.stream === null ? 0 : 1) + 2 * queue.turns.length;
  if (maxMessages > 0 && head.count + coming > maxMessages) return { what: 'full' };
  const isBelowSaid = after !== 'newest' && said.some((one) => one.id === after.id);
  const place = isBelowSaid ? 'newest' : after;
  if (place === 'newest' && head.stream !== null) said.push(structuredClone(message));
  else {
    const parentId = place === 'newest' ? head.newest : place.id;
    if (parentId !== null && !messages.has(parentId)) return { what: 'elsewhere' };
    add({ ...structuredClone(message), parentId } as StoredMessage);
  }
  Object.assign(head, { updatedAt: new Date().toISOString(), archivedAt: null });
  return { what: place === 'newest' && head.stream !== null ? 'waits' : 'said' };
}
