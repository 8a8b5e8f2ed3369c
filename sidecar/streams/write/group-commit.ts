import { StoreUnavailable, type AppendResult, type Batch, type StreamStore } from '../../store/streams/stream-store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Gathering } from '../log/gathering.ts';

/**
 * Chunks are gathered for `gathering.delayMs`, the gathering window. In each window there is one flush (slot) for every 100 streams,
 * but at least 1 and at most 8.
 */
const MAX_SLOTS = 8;
const STREAMS_PER_SLOT = 100;
const MAX_CALL_BYTES = 1024 * 1024;
const TICK_MS = 250;
/** If an append is not answered within this many ticks, its streams go into memory mode. */
const LATE_TICKS = 8;
/** Delay between two tries while Redis cannot be reached. */
const RETRY_MS = 250;

/** The part of a log writer from which the group commit takes batches, and to which it reports their results. */
export interface BatchSource {
  /** Arrival of the oldest chunk that is not framed yet, by `performance.now()`; 0 if there is none. */
  readonly pendingSince: number;
  /** Takes the next bytes to store. Bytes that were taken never change. `null`: there are none, or an append is in flight. */
  next(): Batch | null;
  /** Number of frames that were made since `takeFramed` was last called. */
  takeFramed(): number;
  /** Work since `takeWork` was last called, in the unit of {@link Gathering.tally}. */
  takeWork(): number;
  /** Called with the result of the append in flight. */
  settle(result: AppendResult): void;
  /** Called if the store has not answered in time. It may still answer. */
  enterMemoryMode(): void;
  /** Called if the append failed. It is not known whether the bytes were stored. */
  failed(): void;
}

/**
 * Stores the chunks of all sources of this process, with one call for many streams. The call is made at the end of the current
 * turn of the event loop, or later if {@link Gathering} says so. A source has at most one append in flight; later chunks go into
 * its next append.
 */
export interface GroupCommit {
  schedule(source: BatchSource): void;
  stop(): void;
}

interface Call {
  sources: BatchSource[];
  ticks: number;
}

export interface GroupCommitOptions {
  store: Pick<StreamStore, 'append' | 'batchesPerAppend'>;
  gathering: Pick<Gathering, 'delayMs' | 'tally'>;
  telemetry: Pick<Telemetry, 'appended'>;
}

export function createGroupCommit({ store, gathering, telemetry }: GroupCommitOptions): GroupCommit {
  const scheduled = new Set<BatchSource>();
  let isTurnDue = false;
  const calls = new Set<Call>();
  /** Number of frames in calls that failed. They are counted with the next call. */
  let uncounted = 0;

  // Ticks are counted instead of time, because no tick passes while this process is suspended or its event loop is blocked.
  const watch = setInterval(() => {
    for (const call of calls) {
      call.ticks += 1;
      if (call.ticks === LATE_TICKS) for (const source of call.sources) source.enterMemoryMode();
    }
  }, TICK_MS);
  watch.unref();

  function schedule(source: BatchSource): void {
    scheduled.add(source);
    if (!isTurnDue) nextTurn(gathering.delayMs);
  }

  function nextTurn(inMs: number): void {
    isTurnDue = true;
    if (inMs <= 0) process.nextTick(turn);
    else setTimeout(turn, inMs);
  }

  /**
   * One flush. Every source gathers for the same time, but a gathering window has several flushes (slots), and each flush takes
   * only a share of the sources. If one flush took all sources, the work would come in bursts.
   */
  function turn(): void {
    isTurnDue = false;
    const { delayMs } = gathering;
    const slots = Math.min(MAX_SLOTS, Math.max(1, Math.round(scheduled.size / STREAMS_PER_SLOT)));
    const slotMs = delayMs / slots;
    const until = performance.now() - delayMs + slotMs / 2;
    let quota = delayMs === 0 ? scheduled.size : Math.ceil(scheduled.size / slots);
    let sources: BatchSource[] = [];
    let batches: Batch[] = [];
    let bytes = 0;
    for (const source of scheduled) {
      if (source.pendingSince > until) continue;
      if (quota === 0) break;
      quota -= 1;
      scheduled.delete(source);
      const batch = source.next();
      gathering.tally(source.takeWork());
      if (batch === null) continue;
      if (batches.length === store.batchesPerAppend || (bytes > 0 && bytes + batch.bytes.length > MAX_CALL_BYTES)) {
        send(sources, batches);
        [sources, batches, bytes] = [[], [], 0];
      }
      sources.push(source);
      batches.push(batch);
      bytes += batch.bytes.length;
    }
    if (batches.length > 0) send(sources, batches);
    if (scheduled.size > 0 && !isTurnDue) nextTurn(slotMs);
  }

  function send(sources: BatchSource[], batches: Batch[]): void {
    const call: Call = { sources, ticks: 0 };
    const sentAt = performance.now();
    let [frames, bytes] = [uncounted, 0];
    for (const source of sources) frames += source.takeFramed();
    for (const batch of batches) bytes += batch.bytes.length;
    uncounted = 0;
    calls.add(call);
    store.append(batches).then(
      (results) => {
        calls.delete(call);
        const ms = performance.now() - sentAt;
        sources.forEach((source, i) => source.settle(results[i]!));
        telemetry.appended({ streams: batches.length, frames, bytes, ms });
      },
      (error: unknown) => {
        // It is not known whether the bytes were stored. The reply to the next try shows it.
        calls.delete(call);
        uncounted += frames;
        if (!(error instanceof StoreUnavailable) && sources.length > 1) return sendEach(sources, batches);
        setTimeout(() => {
          for (const source of sources) {
            source.failed();
            schedule(source);
          }
        }, RETRY_MS).unref();
        for (const source of sources) source.enterMemoryMode();
      },
    );
  }

  /** Redis refused the whole call because of one of its batches, so each batch is sent alone. */
  function sendEach(sources: BatchSource[], batches: Batch[]): void {
    sources.forEach((source, i) => send([source], [batches[i]!]));
  }

  return {
    schedule,
    stop: () => clearInterval(watch),
  };
}
