import { streams } from '~/hooks/use-resumable-stream.ts';
import { forgetChat } from '~/layout/kept-chats.ts';
import { browserStorage, tabStorage } from '~/ui/browser/browser-storage.ts';

/** Removes what this browser has of a chat: drafts, the stream to resume, entries in the tab's storage, answers in memory. */
export function forgetRoom({ userId, chatId }: { userId: string; chatId: string }): void {
  browserStorage.forget((key) => key.startsWith('rejoin:') && key.endsWith(`:${userId}:${chatId}`));
  tabStorage.forget((key, value) => key.includes(chatId) || value.includes(chatId));
  forgetChat(`/chat/${encodeURIComponent(chatId)}`);
  streams.forgetUnused();
}
