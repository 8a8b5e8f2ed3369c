import { newId } from '~/ui/new-id.ts';

/** Messages between the tabs of one browser, so that each tab refreshes at once instead of after a while. */
export interface TabNews {
  /** The chat in which an answer started or ended, or that was changed. */
  chatId: string;
}

const NAME = 'rejoin';

/** A message reaches all other `BroadcastChannel` objects, also those in the same tab. A tab ignores messages with its own id. */
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
