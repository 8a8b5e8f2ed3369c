import { StoreUnavailable, type StreamStore } from '../../store/streams/stream-store.ts';
import { estimateTokens, type Telemetry } from '../../telemetry/telemetry.ts';
import { endFrames } from './end-frames.ts';
import { replayLog } from '../log/replay-log.ts';
import type { Settler } from './settle.ts';
import { createStateCopy, requestIn } from '../log/state-copy.ts';

/**
 * Writes the end of a stream that somebody sealed: reads the log, ends the open parts, appends the terminal frames at
 * exactly the sealed length. Any process may do it, and several at once: the first wins, and the rest see it closed.
 *
 * @returns false when there is nothing (left) to close.
 */
export async function closeSealed({
  store,
  settler,
  telemetry,
  streamId,
}: {
  store: StreamStore;
  settler: Settler;
  telemetry: Pick<Telemetry, 'streamEnded'>;
  streamId: string;
}): Promise<boolean> {
  const meta = await store.meta(streamId);
  if (meta === null || meta.status !== 'sealed' || meta.outcome === null) return false;
  const { length: position, epoch, outcome, error } = meta;
  const [log, existing] = await Promise.all([
    replayLog({ store, streamId, messageId: meta.messageId, until: position }),
    store.state(streamId),
  ]);
  if (log === null) throw new StoreUnavailable('the log was lost while it was read');
  const { fold, hash } = log;
  const { bytes: frames, chunks, sha256 } = endFrames({ fold, end: { outcome, error }, epoch, start: position, hash });
  const now = new Date().toISOString();
  const request = requestIn(existing);
  const copy = request && createStateCopy({ facts: meta, request, existing, text: fold.text });
  const closed = await store.close({
    streamId,
    epoch,
    finalEpoch: epoch,
    position,
    frames,
    outcome,
    error,
    sha256,
    lastActivity: now,
    state: copy?.patch({ status: outcome, epoch, position: position + frames.length, text: fold.text, now }) ?? {
      length: 0,
      patches: [],
    },
  });
  if (closed.what !== 'closed' && closed.what !== 'already') return false;
  for (const chunk of chunks) fold.take(chunk);
  if (closed.what === 'closed') {
    telemetry.streamEnded(
      { streamId, modelId: meta.modelId },
      {
        outcome,
        code: error?.code ?? null,
        ms: Date.now() - Date.parse(meta.startTime),
        bytes: position + frames.length,
        tokens: estimateTokens(fold.textLength),
        writingMs: null, // only its owner knows
      },
    );
  }
  await settler.settle(streamId, { facts: meta, message: fold.message, outcome, error }).catch((cause: unknown) => {
    // It is ended all the same; recovery finds it in the index and settles it when Redis takes that too.
    if (!(cause instanceof StoreUnavailable)) throw cause;
  });
  return true;
}
