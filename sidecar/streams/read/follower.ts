import { isRunning, type Look, type Page, type StreamStore } from '../../store/streams/stream-store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { READER_WORK, type Gathering } from '../log/gathering.ts';
import type { LocalStream } from './local-stream.ts';
import { endsWithDone, lastEventIdOf, wholeFrames } from '../log/read-frames.ts';
import { PAGE_BYTES } from '../log/replay-log.ts';

export interface FollowerOptions {
  store: StreamStore;
  stream: LocalStream;
  gathering: Pick<Gathering, 'delayMs' | 'tally'>;
  leaseMs: number;
  telemetry: Pick<Telemetry, 'followed'>;
  /** The owner's lease has run out. */
  onLapsed(): void;
}

/**
 * Brings a stream that another process writes to the readers of this one: one subscription and one reading position
 * for all of them. The bell only says that it is worth reading; what is read is the truth.
 */
export interface Follower {
  /** Reads on if there may be more. */
  ring(): void;
  /** What a look at the stream showed. */
  saw(look: Look): void;
  stop(): void;
}

export function createFollower({ store, stream, gathering, leaseMs, telemetry, onLapsed }: FollowerOptions): Follower {
  const { streamId, live } = stream;
  let hasRung = false;
  let isReading = false;
  let hasStopped = false;
  let pageBytes = PAGE_BYTES;
  let goneSince: number | null = null;
  /** The first bell whose frames are not shown yet. */
  let heardAt: number | null = null;
  let isListening = false;
  /** Bells are gathered until it goes off. */
  let due: NodeJS.Timeout | null = null;
  let unlisten: (() => void) | null = null;

  function ring(): void {
    hasRung = true;
    if (!isReading && !hasStopped) void readOn();
  }

  /** What is read at a bell goes to every reader: where they are many, it pays to answer several bells at once. */
  function hear(): void {
    heardAt ??= performance.now();
    gathering.tally(Math.max(0, live.waiting - 1) * READER_WORK);
    if (due !== null || hasStopped) return;
    if (gathering.delayMs === 0) return ring();
    due = setTimeout(() => {
      due = null;
      ring();
    }, gathering.delayMs);
  }

  async function readOn(): Promise<void> {
    isReading = true;
    try {
      while (hasRung && !hasStopped) {
        hasRung = false;
        const page = await store.read(streamId, live.lastEventId ?? live.shown, pageBytes);
        if (!hasStopped) take(page);
      }
    } catch {
      // Redis is away: the next look, a second from now at the latest, reads on from the same position.
    } finally {
      isReading = false;
    }
  }

  function take(page: Page | 'gone' | 'deleted'): void {
    if (page === 'deleted') return live.cut();
    if (page === 'gone') return lost();
    goneSince = null;
    if (page.base > stream.base) live.cut();
    stream.base = page.base;
    const whole = wholeFrames(page.bytes);
    if (whole > 0) {
      const frames = page.bytes.subarray(0, whole);
      if (page.onLog) append(frames);
      else live.restart(page.position + whole, lastEventIdOf(frames)); // another text, for readers who begin again
      pageBytes = PAGE_BYTES;
      if (isFinal(page) && live.end === page.length && endsWithDone(frames)) return live.finish();
    } else if (page.bytes.length > 0) {
      pageBytes *= 2;
    }
    if (live.end < page.length) hasRung = true;
    if (page.status === 'active' && page.leaseLeftMs < 0) onLapsed();
  }

  function append(frames: Buffer): void {
    live.push(frames);
    live.show(live.end);
    live.trim(live.end, Date.now());
    if (heardAt !== null) telemetry.followed(performance.now() - heardAt);
    heardAt = null;
  }

  /** Nothing is there. Its owner may be about to write it anew; if not, readers are told when they come back. */
  function lost(): void {
    goneSince ??= Date.now();
    if (Date.now() - goneSince > leaseMs) live.cut();
  }

  function listen(): void {
    isListening = true;
    store.listen(streamId, hear).then(
      (stop) => {
        if (hasStopped) return stop();
        unlisten = stop;
        ring(); // what was appended before the subscription was confirmed
      },
      () => {
        // No bell: the look every second does its work, and the next one tries again.
        isListening = false;
        ring();
      },
    );
  }

  listen();

  return {
    ring,
    saw(look) {
      if (look === 'unknown') return;
      if (look === null) return ring();
      if (!isListening) listen();
      if (look.length !== live.shown || look.base > stream.base || look.status !== 'active') ring();
      if (look.status === 'active' && look.leaseLeftMs < 0) onLapsed();
    },
    stop() {
      hasStopped = true;
      if (due !== null) clearTimeout(due);
      unlisten?.();
    },
  };
}

const isFinal = ({ status }: Page): boolean => !isRunning(status);
