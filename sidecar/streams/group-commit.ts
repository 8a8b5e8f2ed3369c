import type { Batch, StreamStore } from '../store/stream-store.ts';
import type { LogWriter } from './log-writer.ts';

/** So many streams at the most in one call, so that none makes Redis stand still for the others. */
const MAX_BATCHES = 128;
const MAX_CALL_BYTES = 1024 * 1024;
/** An append that was not answered in this many ticks sends its streams into memory mode. */
const TICK_MS = 250;
const LATE_TICKS = 8;
/** Between tries while Redis cannot be reached. */
const RETRY_MS = 250;

/**
 * Stores what all writers of this process have gathered, once a turn of the event loop: one call for many streams. A
 * writer has at most one append in flight; what comes meanwhile is its next.
 */
export interface GroupCommit {
  schedule(writer: LogWriter): void;
  stop(): void;
}

interface Call {
  writers: LogWriter[];
  ticks: number;
}

export function createGroupCommit({ store }: { store: Pick<StreamStore, 'append'> }): GroupCommit {
  let scheduled = new Set<LogWriter>();
  let isTurnDue = false;
  const calls = new Set<Call>();

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
    if (isTurnDue) return;
    isTurnDue = true;
    setImmediate(turn);
  }

  function turn(): void {
    isTurnDue = false;
    const due = scheduled;
    scheduled = new Set();
    let writers: LogWriter[] = [];
    let batches: Batch[] = [];
    let bytes = 0;
    for (const writer of due) {
      const batch = writer.next();
      if (batch === null) continue;
      if (batches.length === MAX_BATCHES || (bytes > 0 && bytes + batch.bytes.length > MAX_CALL_BYTES)) {
        send(writers, batches);
        [writers, batches, bytes] = [[], [], 0];
      }
      writers.push(writer);
      batches.push(batch);
      bytes += batch.bytes.length;
    }
    if (batches.length > 0) send(writers, batches);
  }

  function send(writers: LogWriter[], batches: Batch[]): void {
    const call: Call = { writers, ticks: 0 };
    calls.add(call);
    store.append(batches).then(
      (results) => {
        calls.delete(call);
        writers.forEach((writer, i) => writer.settle(results[i]!));
      },
      () => {
        // Whether it was stored is not known; the position in the next try tells.
        calls.delete(call);
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

  return {
    schedule,
    stop: () => clearInterval(watch),
  };
}
