import { newId } from '~/ui/new-id.ts';

/** A message from one tab to the other tabs of the browser. A tab that receives a message refreshes its page. */
export interface TabNews {
  /** The chat in which an answer started or ended, or that was changed. */
  chatId: string;
}

const NAME = 'rejoin';

/**
 * The id of this tab. A message reaches all other `BroadcastChannel` objects, also those in the same tab. So a tab ignores messages
 * with its own id.
 */
let ownId: string | null = null;
const own = (): string => (ownId ??= newId());

/** Listens until the returned function is called. A browser without `BroadcastChannel` receives nothing. */
export function listenToTabs(listener: (news: TabNews) => void): () => void {
  if (typeof BroadcastChannel === 'undefined') return () => undefined;
  const channel = new BroadcastChannel(NAME);
  channel.addEventListener('message', ({ data }: MessageEvent<TabNews & { from: string }>) => {
    if (data.from !== own()) listener(data);
  });
  return () => channel.close();
}

export function tellTabs(news: TabNews): void {
  if (typeof BroadcastChannel === 'undefined') return;
  const channel = new BroadcastChannel(NAME);
  channel.postMessage({ ...news, from: own() });
  channel.close();
}
