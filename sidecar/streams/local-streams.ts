import type { Page, StreamStore } from '../store/stream-store.ts';
import { createFollower, type Follower } from './follower.ts';
import { createLiveLog, type LiveLog } from './live-log.ts';

/** A stream that is written or followed in this process. */
export interface LocalStream {
  readonly streamId: string;
  readonly userId: string;
  readonly live: LiveLog;
  /** Where its current attempt begins. */
  base: number;
}

interface Entry extends LocalStream {
  /** `null` where this process writes it. */
  follower: Follower | null;
  /** Readers that are served here, waiting or not. */
  readers: number;
}

export interface LocalStreamsOptions {
  store: StreamStore;
  leaseMs: number;
  /** A followed stream has lost its owner. */
  onLapsed(streamId: string): void;
}

/** All streams of this process, each with one live log, whoever writes it. */
export interface LocalStreams {
  get(streamId: string): LocalStream | undefined;
  /** The stream as one that is followed from the end of `page`, if it is not here yet. */
  follow(streamId: string, page: Page): LocalStream;
  /** This process is about to write it: nothing follows it from here on. Its live log, where there is one. */
  halt(streamId: string): LiveLog | undefined;
  /** This process writes it from `at` on; readers of a live log that ends there go on, others come back. */
  own(streamId: string, userId: string, position: { base: number; at: number }): LocalStream;
  /** This process writes it no longer: it is followed while it has readers. `stored`: what it has written for sure. */
  disown(streamId: string, stored: number): void;
  /** It has ended, or nobody here needs it. */
  drop(streamId: string): void;
  enter(streamId: string): void;
  leave(streamId: string): void;
  /** Looks at what is followed, for bells that were missed and owners that were lost. Every second. */
  lookAround(): Promise<void>;
  readonly followed: number;
  stop(): void;
}

export function createLocalStreams({ store, leaseMs, onLapsed }: LocalStreamsOptions): LocalStreams {
  const entries = new Map<string, Entry>();

  const startFollower = (entry: Entry) => {
    entry.follower = createFollower({
      store,
      streamId: entry.streamId,
      live: entry.live,
      base: entry.base,
      leaseMs,
      onLapsed: () => onLapsed(entry.streamId),
    });
  };

  function drop(streamId: string): void {
    const entry = entries.get(streamId);
    if (!entry) return;
    entries.delete(streamId);
    entry.follower?.stop();
    entry.live.cut();
  }

  return {
    get: (streamId) => entries.get(streamId),

    follow(streamId, page) {
      const known = entries.get(streamId);
      if (known) return known;
      const entry: Entry = {
        streamId,
        userId: page.userId,
        live: createLiveLog(page.length),
        base: page.base,
        follower: null,
        readers: 0,
      };
      entries.set(streamId, entry);
      startFollower(entry);
      return entry;
    },

    halt(streamId) {
      const entry = entries.get(streamId);
      entry?.follower?.stop();
      return entry?.live;
    },

    own(streamId, userId, { base, at }) {
      const known = entries.get(streamId);
      known?.follower?.stop();
      if (known && known.live.end === at && known.live.shown === at) {
        known.follower = null;
        known.base = base;
        return known;
      }
      known?.live.cut();
      const entry: Entry = {
        streamId,
        userId,
        live: createLiveLog(at),
        base,
        follower: null,
        readers: known?.readers ?? 0,
      };
      entries.set(streamId, entry);
      return entry;
    },

    disown(streamId, stored) {
      const entry = entries.get(streamId);
      if (!entry || entry.follower) return;
      entry.live.truncate(stored);
      if (entry.readers === 0) return drop(streamId);
      startFollower(entry);
    },

    drop,

    enter(streamId) {
      const entry = entries.get(streamId);
      if (entry) entry.readers += 1;
    },

    leave(streamId) {
      const entry = entries.get(streamId);
      if (!entry) return;
      entry.readers -= 1;
      if (entry.readers <= 0 && entry.follower) drop(streamId);
    },

    async lookAround() {
      const followed = [...entries.values()].filter((entry) => entry.follower !== null);
      if (followed.length === 0) return;
      const looks = await store.look(followed.map(({ streamId }) => streamId));
      followed.forEach((entry, i) => entry.follower?.saw(looks[i]!));
    },

    get followed() {
      let count = 0;
      for (const entry of entries.values()) if (entry.follower) count += 1;
      return count;
    },

    stop() {
      for (const streamId of [...entries.keys()]) drop(streamId);
    },
  };
}
