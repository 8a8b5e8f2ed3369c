import type { Hash } from 'node:crypto';
import type { MessageFold } from '../../../shared/stream/fold.ts';
import type { CloseResult, StreamFacts, StreamStore } from '../../store/streams/stream-store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import type { StateCopy } from '../log/state-copy.ts';
import { endFrames, type End } from './end-frames.ts';

export interface EndOptions {
  store: Pick<StreamStore, 'close' | 'checkpoint'>;
  streamId: string;
  /** The message so far. The chunks of the end are added once the end is stored. */
  fold: MessageFold;
  /** SHA-256 of the log up to `position`. It cannot be used afterwards. */
  hash: Hash;
  /** The state copy; `null` if it is not usable. Then only the log and the meta are updated. */
  copy: StateCopy | null;
  /** The epoch of the seal. If the owner seals and closes the stream in this one call: the owner's epoch. */
  epoch: string;
  /** The epoch of the terminal frames. */
  finalEpoch: string;
  /** The length of the log, with the bytes that are not stored yet. */
  position: number;
  /** The last bytes before `position`, which are not stored yet. They are stored together with the end. */
  unstored?: readonly Buffer[];
  end: End;
}

/** The end of one log, ready to be stored. */
export interface Ending {
  /** The terminal frames. */
  frames: Buffer;
  /**
   * Stores the end (PROTOCOL.md 8.2): the bytes that are not stored yet, the terminal frames at `position`, and the final
   * status. Any process may close a sealed stream, and several may do so at the same time: one of them wins, and the
   * others get `already`. An owner is `fenced` if its stream was sealed meanwhile. A call whose reply was lost may be
   * repeated: it sends the same bytes.
   *
   * @throws StoreUnavailable when the store did not answer
   */
  write(): Promise<CloseResult>;
}

export function prepareEnd(options: EndOptions): Ending {
  const { store, streamId, fold, hash, copy, epoch, finalEpoch, position, unstored = [], end } = options;
  const { outcome, error } = end;
  const { bytes: frames, chunks, sha256 } = endFrames({ fold, end, epoch: finalEpoch, start: position, hash });
  const lastActivity = new Date().toISOString();
  const text = fold.text;
  const now = { status: outcome, epoch: finalEpoch, position: position + frames.length, text, now: lastActivity };
  const state = copy?.patch(now) ?? { length: 0, patches: [] };
  const unstoredBytes = unstored.reduce((sum, { length }) => sum + length, 0);
  return {
    frames,
    async write() {
      const result = await store.close({
        streamId,
        epoch,
        finalEpoch,
        position: position - unstoredBytes,
        frames: unstoredBytes === 0 ? frames : Buffer.concat([...unstored, frames]),
        outcome,
        error,
        sha256,
        lastActivity,
        state,
      });
      if (isClosed(result)) for (const chunk of chunks) fold.take(chunk);
      // The patches were not written, so the next patch must replace the whole copy.
      else copy?.invalidate();
      if (result.what === 'closed' && !result.isPatched && copy !== null) {
        // The stored copy was not the one that the patches were made for, so the whole copy is replaced.
        store.checkpoint(streamId, finalEpoch, 0, [{ offset: 0, bytes: copy.whole(now) }]).catch(() => {
          /* it is only a copy: the log and the meta are right */
        });
      }
      return result;
    },
  };
}

export const isClosed = ({ what }: CloseResult): boolean => what === 'closed' || what === 'already';

/**
 * Counts a stream that has ended. `writingMs`: time from the first token to the end; `null` if no token arrived in this process, or
 * if `closeSealed` wrote the end.
 */
export function countEnd({
  telemetry,
  streamId,
  facts,
  end,
  hasStarted,
  bytes,
  tokens,
  writingMs,
}: {
  telemetry: Pick<Telemetry, 'streamEnded'>;
  streamId: string;
  facts: StreamFacts;
  end: End;
  hasStarted: boolean;
  bytes: number;
  tokens: number;
  writingMs: number | null;
}): void {
  telemetry.streamEnded(
    { streamId, modelId: facts.modelId },
    {
      outcome: end.outcome,
      hasStarted,
      code: end.error?.code ?? null,
      ms: Date.now() - Date.parse(facts.startTime),
      bytes,
      tokens,
      writingMs,
    },
  );
}
