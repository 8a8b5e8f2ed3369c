import type { EventId } from '../../../shared/stream/event-id.ts';
import type { StreamStore } from '../../store/streams/stream-store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Gathering } from '../log/gathering.ts';
import { createLiveLog, type LiveLog } from '../log/live-log.ts';
import { slicesOf } from '../log/slices.ts';
import { createFollower, type Follower } from './follower.ts';
import type { LocalStream } from './local-stream.ts';

export interface Place {
  userId: string;
  base: number;
  position: number;
  /** The event id at that position; `null` at position 0. */
  id: EventId | null;
}

interface Entry extends LocalStream {
  /** `null` if this process writes the stream. */
  follower: Follower | null;
  /**
   * Number of readers that this process serves, whether they wait for new frames or not. It is in an object so that `own` can
   * share it with the entry that replaces this entry.
   */
  readers: { count: number };
}

export interface LocalStreamsOptions {
  store: StreamStore;
  leaseMs: number;
  telemetry: Pick<Telemetry, 'followed'>;
  /**
   * Decides how long the followers gather notifications before they read. Only the work of followers counts here. Writers have a
   * `Gathering` of their own: their work must not delay followed frames further, because the owner has already delayed these frames.
   */
  gathering: Gathering;
  /** Called if a followed stream has lost its owner, or if it is sealed and its end may have to be written. */
  onLapsed(streamId: string): void;
}

/** All streams that this process writes or follows, each with one live log. */
export interface LocalStreams {
  get(streamId: string): LocalStream | undefined;
  /** Follows the stream from a position, unless this process writes or follows it already. */
  follow(streamId: string, from: Place): LocalStream;
  /** Makes the follower of this stream read on. Called if a reader got frames from the store that the follower has not read. */
  catchUp(streamId: string): void;
  /** Called before this process takes over a stream. Stops the follower and returns the live log. Must be followed by `own` or `unhalt`. */
  halt(streamId: string): LiveLog | undefined;
  /** Called if the takeover did not happen: this process follows the stream again if the stream still has readers here. */
  unhalt(streamId: string): void;
  /** Called when this process begins to write. If the live log ends at `at`, its readers go on; otherwise they are cut. */
  own(streamId: string, at: Place): LocalStream;
  /**
   * Called when this process stops writing because of an error, or because another process owns the stream now. If there are readers
   * here, this process then follows the stream. Bytes after `stored`, the length of the stored log, are dropped.
   */
  disown(local: LocalStream, stored: number): void;
  /** Called when this process stops writing because the stream has ended or was handed over. Readers that still wait are cut. */
  drop(local: LocalStream): void;
  /** Counts a reader until the returned function is called. */
  enter(streamId: string): () => void;
  /** Number of readers by stream id, for streams that have readers in this process. */
  readers(): Map<string, number>;
  /** Looks at all followed streams, for missed notifications and lost owners. Meant to be called every second. */
  lookAround(): Promise<void>;
  readonly followed: number;
  stop(): void;
}

export function createLocalStreams({
  store,
  leaseMs,
  telemetry,
  gathering,
  onLapsed,
}: LocalStreamsOptions): LocalStreams {
  const entries = new Map<string, Entry>();

  const isCurrent = (local: LocalStream) => entries.get(local.streamId) === local;

  /** Stops the old follower first, because two followers would both write into the live log. */
  function startFollower(entry: Entry): void {
    entry.follower?.stop();
    entry.follower = createFollower({
      store,
      stream: entry,
      gathering,
      leaseMs,
      telemetry,
      onLapsed: () => onLapsed(entry.streamId),
    });
  }

  function drop(local: LocalStream): void {
    const entry = entries.get(local.streamId);
    if (entry !== local) return;
    entries.delete(local.streamId);
    entry.follower?.stop();
    entry.live.cut();
  }

  const isAt = (live: LiveLog, position: number, id: EventId | null) =>
    live.shown === position && live.lastEventId?.epoch === id?.epoch;

  function resume(entry: Entry): void {
    if (entry.readers.count === 0) drop(entry);
    else startFollower(entry);
  }

  return {
    get: (streamId) => entries.get(streamId),

    follow(streamId, { userId, base, position, id }) {
      const known = entries.get(streamId);
      if (known) return known;
      const entry: Entry = {
        streamId,
        userId,
        live: createLiveLog(position, id),
        base,
        follower: null,
        readers: { count: 0 },
      };
      entries.set(streamId, entry);
      startFollower(entry);
      return entry;
    },

    catchUp: (streamId) => entries.get(streamId)?.follower?.ring(),

    halt(streamId) {
      const entry = entries.get(streamId);
      entry?.follower?.stop();
      return entry?.live;
    },

    unhalt(streamId) {
      const entry = entries.get(streamId);
      if (entry?.follower) resume(entry);
    },

    own(streamId, { userId, base, position, id }) {
      const known = entries.get(streamId);
      known?.follower?.stop();
      const goesOn = known !== undefined && known.live.end === position && isAt(known.live, position, id);
      if (!goesOn) known?.live.cut();
      const live = goesOn ? known.live : createLiveLog(position, id);
      const entry: Entry = { streamId, userId, live, base, follower: null, readers: known?.readers ?? { count: 0 } };
      entries.set(streamId, entry);
      return entry;
    },

    disown(local, stored) {
      const entry = entries.get(local.streamId);
      if (entry !== local) return;
      entry.live.truncate(stored);
      resume(entry);
    },

    drop,

    enter(streamId) {
      const readers = entries.get(streamId)?.readers;
      if (!readers) return () => {};
      readers.count += 1;
      return () => {
        readers.count -= 1;
        const entry = entries.get(streamId);
        if (readers.count === 0 && entry?.readers === readers && entry.follower) drop(entry);
      };
    },

    readers() {
      const read = [...entries.values()].filter(({ readers }) => readers.count > 0);
      return new Map(read.map(({ streamId, readers }) => [streamId, readers.count]));
    },

    async lookAround() {
      const followed = [...entries.values()].filter((entry) => entry.follower !== null);
      for (const some of slicesOf(followed)) {
        const looks = await store.look(some.map(({ streamId }) => streamId));
        some.forEach((entry, i) => {
          const look = looks[i];
          if (isCurrent(entry) && look !== undefined) entry.follower?.observe(look);
        });
      }
    },

    get followed() {
      let count = 0;
      for (const entry of entries.values()) if (entry.follower) count += 1;
      return count;
    },

    stop() {
      gathering.stop();
      for (const entry of [...entries.values()]) drop(entry);
    },
  };
}
