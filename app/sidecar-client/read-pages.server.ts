import { type BranchMessage, type ChatSummary, MAX_PAGE_ENTRIES } from '../../shared/chat/chat.ts';
import type { StoredMessage } from '../../shared/chat/messages.ts';
import type { Caller } from './sidecar-http.server.ts';
import { getChat, getMessages, listChats } from './sidecar.server.ts';

/** What exports contain. Each function reads page by page, so that not everything is in memory at the same time. */

/** All conversations of the caller except the temporary ones. The archived ones come last. */
export async function* allChats(caller: Caller): AsyncGenerator<ChatSummary> {
  for (const list of ['recent', 'archived'] as const) {
    let before: string | undefined;
    do {
      const { chats, next } = await listChats(caller, { list, before, limit: MAX_PAGE_ENTRIES });
      yield* chats;
      before = next ?? undefined;
    } while (before !== undefined);
  }
}

/** All versions of all messages of a conversation, in the order in which they were added. */
export async function* allMessages(caller: Caller, chatId: string): AsyncGenerator<StoredMessage> {
  let after: number | null = 0;
  while (after !== null) {
    const page: Awaited<ReturnType<typeof getMessages>> = await getMessages(caller, chatId, {
      after,
      limit: MAX_PAGE_ENTRIES,
    });
    yield* page.messages;
    after = page.next;
  }
}

/**
 * The newest branch of a conversation, oldest message first. The sidecar sends the newest page first. So this function reads back
 * to the oldest page and keeps only the cursor of each page. Then it reads the pages again, oldest first.
 */
export async function* wholeBranch(caller: Caller, chatId: string): AsyncGenerator<BranchMessage> {
  const limit = MAX_PAGE_ENTRIES;
  const last = await getChat(caller, chatId, { limit });
  const cursors: string[] = [];
  for (let { before } = last; before !== null;) {
    cursors.push(before);
    ({ before } = await getChat(caller, chatId, { before, limit }));
  }
  for (const before of cursors.reverse()) yield* (await getChat(caller, chatId, { before, limit })).messages;
  yield* last.messages;
}
