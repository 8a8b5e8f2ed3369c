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
  /** Called if the owner's lease has expired, or if the stream is sealed and its end may have to be written. */
  onLapsed(): void;
}

/**
 * PROTOCOL.md 6.4: reads a stream that another process writes, and shows it to the readers in this process. These readers share
 * one subscription and one position. A notification contains the frames that were appended, so the store is read only if frames are
 * missing.
 */
export interface Follower {
  /** Reads on from the store. If a read is running, another one comes after it. */
  ring(): void;
  /** Takes the result of `store.look` for this stream. */
  observe(look: Look): void;
  stop(): void;
}

export function createFollower({ store, stream, gathering, leaseMs, telemetry, onLapsed }: FollowerOptions): Follower {
  const { streamId, live } = stream;
  let hasRung = false;
  let isReading = false;
  let hasStopped = false;
  let pageBytes = PAGE_BYTES;
  let goneSince: number | null = null;
  /** Notifications that are not used yet, and the time of the first one. They are gathered until the timer `due` fires. */
  let heard: Buffer[] = [];
  let heardAt: number | null = null;
  let isListening = false;
  let due: NodeJS.Timeout | null = null;
  let unlisten: (() => void) | null = null;

  function ring(): void {
    hasRung = true;
    if (!isReading && !hasStopped) void readOn();
  }

  function onNotification(frames: Buffer): void {
    if (hasStopped) return;
    heardAt ??= performance.now();
    heard.push(frames);
    gathering.tally(Math.max(0, live.waiting - 1) * READER_WORK);
    if (due !== null) return;
    if (gathering.delayMs === 0) return showHeard();
    // With many readers, one write of several notifications to every reader is cheaper.
    due = setTimeout(() => {
      due = null;
      showHeard();
    }, gathering.delayMs);
  }

  /**
   * Shows the frames of the notifications if they continue the shown ones in the same epoch. If anything is missing between them,
   * or if another epoch has begun, reads on from the store.
   */
  function showHeard(): void {
    const notifications = heard;
    heard = [];
    if (isReading) return ring();
    const epoch = live.lastEventId?.epoch;
    const next: Buffer[] = [];
    let position = live.end;
    let isMissing = false;
    for (const frames of notifications) {
      const last = lastEventIdOf(frames);
      const end = last !== null && last.epoch === epoch ? last.position : null;
      if (end !== null && end <= position) continue; // was read from the store
      const isNext = end !== null && end - frames.length === position;
      if (!isNext) {
        isMissing = true;
        break;
      }
      next.push(frames);
      position = end;
    }
    if (next.length > 0) append(next.length === 1 ? next[0]! : Buffer.concat(next));
    if (isMissing) ring();
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
      // Redis is away. `observe`, which is called every second, reads on from the same position.
    } finally {
      isReading = false;
    }
  }

  function take(page: Page | 'gone' | 'deleted'): void {
    if (page === 'deleted') return live.cut();
    if (page === 'gone') return lost();
    goneSince = null;
    // While the page was read, a takeover by this process showed more frames, possibly the frames of this page. So the follower
    // reads again.
    if (page.onLog && page.position !== live.end) return void (hasRung = true);
    if (page.base > stream.base) live.cut();
    stream.base = page.base;
    const whole = wholeFrames(page.bytes);
    if (whole > 0) {
      const frames = page.bytes.subarray(0, whole);
      if (page.onLog) append(frames);
      else live.restart(page.position + whole, lastEventIdOf(frames)); // cuts the readers: the bytes they got may have been replaced
      pageBytes = PAGE_BYTES;
      if (!isRunning(page.status) && live.end === page.length && endsWithDone(frames)) return live.finish();
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

  /**
   * The stream is missing, but its owner may be about to write it again. Readers are cut only when the stream has been missing for
   * `leaseMs`.
   */
  function lost(): void {
    goneSince ??= Date.now();
    if (Date.now() - goneSince > leaseMs) live.cut();
  }

  function listen(): void {
    isListening = true;
    store.listen(streamId, onNotification).then(
      (stop) => {
        if (hasStopped) return stop();
        unlisten = stop;
        ring(); // reads what was appended before the subscription was confirmed
      },
      () => {
        // Without notifications, `observe`, which is called every second, finds new frames and tries to subscribe again.
        isListening = false;
        ring();
      },
    );
  }

  listen();

  return {
    ring,
    observe(look) {
      if (look === 'unknown') return;
      if (look === null) return ring();
      if (!isListening) listen();
      if (look.length !== live.shown || look.base > stream.base || look.status !== 'active') ring();
      // Recovery closes a sealed stream if the process that sealed it has died, and takes over a stream whose lease has expired.
      if (look.status === 'sealed' || (look.status === 'active' && look.leaseLeftMs < 0)) onLapsed();
    },
    stop() {
      hasStopped = true;
      if (due !== null) clearTimeout(due);
      unlisten?.();
    },
  };
}
