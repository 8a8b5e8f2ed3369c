import type { Chats } from '../chats/chats.ts';
import type { ForkLimits } from '../chats/forks/fork-chat.ts';
import type { Lane } from '../chats/lane.ts';
import type { Quota } from '../limits/quota.ts';
import type { ChatStore } from '../store/chats/chat-store.ts';
import type { ShareStore } from '../store/shares/share-store.ts';
import type { StreamStore } from '../store/streams/stream-store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { createCopyShare } from './copy-share.ts';
import { createShareReading } from './read-shares.ts';
import type { ShareEnds } from './share-ends.ts';
import { createShareReaders } from './share-readers.ts';
import { createShares, type ShareLimits } from './shares.ts';

/** All that the sidecar does with public pages: make and change them, and serve them to people who have a URL. */
export function openShares({
  forkLimits,
  streams,
  ...options
}: {
  store: ShareStore;
  ends: ShareEnds;
  streams: StreamStore;
  chats: Chats;
  chatStore: ChatStore;
  quota: Quota;
  telemetry: Telemetry;
  limits: ShareLimits;
  forkLimits: ForkLimits;
  lane: Lane;
}) {
  const shareReading = createShareReading({ ...options, streams });
  return {
    shares: createShares(options),
    shareReading,
    shareReaders: createShareReaders({ streams, reading: shareReading }),
    copyShare: createCopyShare({
      reading: shareReading,
      chats: options.chatStore,
      quota: options.quota,
      limits: forkLimits,
    }),
  };
}
