import { StoreUnavailable, type Batch, type StreamStore } from '../../store/streams/stream-store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { Gathering } from '../log/gathering.ts';
import type { LogWriter } from './log-writer.ts';

/** So many turns in the time for which is gathered. */
const SLOTS = 8;
const MAX_CALL_BYTES = 1024 * 1024;
/** An append that was not answered in this many ticks sends its streams into memory mode. */
const TICK_MS = 250;
const LATE_TICKS = 8;
/** Between tries while Redis cannot be reached. */
const RETRY_MS = 250;

/**
 * Stores what all writers of this process have gathered, one call for many streams: at the end of the turn in which it
 * was written, or in turns further apart where {@link Gathering} says so. A writer has at most one append in flight;
 * what comes meanwhile is its next.
 */
export interface GroupCommit {
  schedule(writer: LogWriter): void;
  stop(): void;
}

interface Call {
  writers: LogWriter[];
  ticks: number;
}

export interface GroupCommitOptions {
  store: Pick<StreamStore, 'append' | 'batchesPerAppend'>;
  gathering: Pick<Gathering, 'delayMs' | 'tally'>;
  telemetry: Pick<Telemetry, 'appended'>;
}

export function createGroupCommit({ store, gathering, telemetry }: GroupCommitOptions): GroupCommit {
  const scheduled = new Set<LogWriter>();
  let isTurnDue = false;
  const calls = new Set<Call>();
  /** Frames that were framed for calls which were not answered: they go with a later one. */
  let untold = 0;

  // Ticks are counted, not time: while this process stands still, none passes.
  const watch = setInterval(() => {
    for (const call of calls) {
      call.ticks += 1;
      if (call.ticks === LATE_TICKS) for (const writer of call.writers) writer.enterMemoryMode();
    }
  }, TICK_MS);
  watch.unref();

  function schedule(writer: LogWriter): void {
    scheduled.add(writer);
    if (!isTurnDue) nextTurn(gathering.delayMs);
  }

  function nextTurn(inMs: number): void {
    isTurnDue = true;
    if (inMs <= 0) process.nextTick(turn);
    else setTimeout(turn, inMs);
  }

  /**
   * Each gathers for as long as the others, and they come up a few at a time: all at once would be a burst after which
   * they stay in step.
   */
  function turn(): void {
    isTurnDue = false;
    const { delayMs } = gathering;
    const slotMs = delayMs / SLOTS;
    const until = performance.now() - delayMs + slotMs / 2;
    let quota = delayMs === 0 ? scheduled.size : Math.ceil(scheduled.size / SLOTS);
    let writers: LogWriter[] = [];
    let batches: Batch[] = [];
    let bytes = 0;
    for (const writer of scheduled) {
      if (writer.pendingSince > until) continue;
      if (quota === 0) break;
      quota -= 1;
      scheduled.delete(writer);
      const batch = writer.next();
      gathering.tally(writer.takeWork());
      if (batch === null) continue;
      if (batches.length === store.batchesPerAppend || (bytes > 0 && bytes + batch.bytes.length > MAX_CALL_BYTES)) {
        send(writers, batches);
        [writers, batches, bytes] = [[], [], 0];
      }
      writers.push(writer);
      batches.push(batch);
      bytes += batch.bytes.length;
    }
    if (batches.length > 0) send(writers, batches);
    if (scheduled.size > 0 && !isTurnDue) nextTurn(slotMs);
  }

  function send(writers: LogWriter[], batches: Batch[]): void {
    const call: Call = { writers, ticks: 0 };
    const sentAt = performance.now();
    let [frames, bytes] = [untold, 0];
    for (const writer of writers) frames += writer.takeFramed();
    for (const batch of batches) bytes += batch.bytes.length;
    untold = 0;
    calls.add(call);
    store.append(batches).then(
      (results) => {
        calls.delete(call);
        const ms = performance.now() - sentAt;
        writers.forEach((writer, i) => writer.settle(results[i]!));
        telemetry.appended({ streams: batches.length, frames, bytes, ms });
      },
      (error: unknown) => {
        // Whether it was stored is not known; the position in the next try tells.
        calls.delete(call);
        untold += frames;
        if (!(error instanceof StoreUnavailable) && writers.length > 1) return sendEach(writers, batches);
        setTimeout(() => {
          for (const writer of writers) {
            writer.failed();
            schedule(writer);
          }
        }, RETRY_MS).unref();
        for (const writer of writers) writer.enterMemoryMode();
      },
    );
  }

  /** Redis refused the call for the sake of one of them. */
  function sendEach(writers: LogWriter[], batches: Batch[]): void {
    writers.forEach((writer, i) => send([writer], [batches[i]!]));
  }

  return {
    schedule,
    stop: () => clearInterval(watch),
  };
}
