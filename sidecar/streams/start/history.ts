import type { StoredMessage } from '../../../shared/chat/messages.ts';
import type { ChatStore } from '../../store/chats/chat-store.ts';
import type { StateRequest } from '../log/state-copy.ts';
import { contextChars, fitContext } from './fit-context.ts';
import { nameAskers } from './name-askers.ts';

/**
 * The messages that are sent to the model: the question and, as far as they fit into the model's context, the messages that lead
 * to the question. A stream does not store its history: a takeover reads the history from the conversation again. Stored messages
 * never change and never move, so the model gets the same messages.
 */
export interface History {
  /** The number of older messages that do not fit. */
  dropped: number;
  /**
   * Reads the messages for the model, oldest first, ending with the question. If several people wrote, each of their messages
   * says who wrote it.
   */
  request(instructions: string): Promise<StateRequest>;
}

export interface HistoryOptions {
  chats: Pick<ChatStore, 'path' | 'branch'>;
  /** The owner of the chat. */
  userId: string;
  chatId: string;
  /**
   * The id of the last stored message that leads to the answer. This message is the question if the question is stored already,
   * otherwise the message before the question. `null` if no stored message leads to the answer.
   */
  after: string | null;
  /** The new messages that follow `after`. They are not read from the store, because they may not be stored yet. */
  fresh?: readonly StoredMessage[];
  /** The model's context in tokens; `undefined` if no limit is known. */
  contextTokens: number | undefined;
}

const PAGE = { limit: 200, maxBytes: 256 * 1024 };

export async function openHistory({
  chats,
  userId,
  chatId,
  after,
  fresh = [],
  contextTokens,
}: HistoryOptions): Promise<History> {
  const { dropped, kept } = await fit();

  async function fit(): Promise<{ dropped: number; kept: number }> {
    if (contextTokens === undefined) return { dropped: 0, kept: Number.POSITIVE_INFINITY };
    const freshSizes = fresh.map(({ role, parts }) => ({ role, chars: JSON.stringify(parts).length }));
    const room = contextChars(contextTokens) - freshSizes.reduce((sum, { chars }) => sum + chars, 0);
    const path = after === null || room < 0 ? [] : await chats.path(userId, chatId, after, room);
    const sizes = [...path.reverse(), ...freshSizes];
    const from = fitContext(sizes, contextTokens);
    const above = await depthAbove(path, room);
    return { dropped: above + from, kept: sizes.length - from };
  }

  /** The number of stored messages that are older than the first message of `path`. */
  async function depthAbove(path: readonly { depth: number }[], room: number): Promise<number> {
    if (path.length > 0) return path[0]!.depth - 1;
    if (after === null || room >= 0) return 0;
    // The new messages alone are too long, so the path was not read.
    return (await chats.path(userId, chatId, after, 0))[0]?.depth ?? 0;
  }

  async function readKept(count: number): Promise<StoredMessage[]> {
    if (after === null || count <= 0) return [];
    const pages: StoredMessage[][] = [];
    let from: { at: string } | { before: string } = { at: after };
    for (let left = count; ;) {
      const branch = await chats.branch(userId, chatId, from, { ...PAGE, limit: Math.min(left, PAGE.limit) });
      const messages = branch?.messages.map(({ message }) => message) ?? [];
      pages.unshift(messages);
      left -= messages.length;
      if (!branch?.hasMore || left <= 0) return pages.flat();
      from = { before: messages[0]!.id };
    }
  }

  return {
    dropped,
    async request(instructions) {
      const newest = fresh.slice(Math.max(0, fresh.length - kept));
      const messages = [...(await readKept(kept - newest.length)), ...newest];
      return nameAskers({ messages, instructions, ownerId: userId });
    },
  };
}
