import { newId } from '~/ui/new-id.ts';

/** What the tabs of one browser tell each other, so that each asks the server at once instead of now and then. */
export interface TabNews {
  /** The chat in which something started, stopped, ended or was changed. */
  chatId: string;
}

const NAME = 'rejoin';

/** A channel is heard by every other one, also in the same tab: this tells which news are one's own. */
let ownId: string | null = null;
const own = (): string => (ownId ??= newId());

/** Listens until the returned function is called. Browsers without channels hear nothing, and ask on focus. */
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
