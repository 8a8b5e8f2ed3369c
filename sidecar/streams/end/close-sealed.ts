import { StoreUnavailable, type StreamStore } from '../../store/streams/stream-store.ts';
import { estimateTokens, type Telemetry } from '../../telemetry/telemetry.ts';
import { replayLog } from '../log/replay-log.ts';
import { createStateCopy, requestIn } from '../log/state-copy.ts';
import type { Settler } from './settle.ts';
import { countEnd, isClosed, prepareEnd } from './write-end.ts';

/**
 * Writes the end of a sealed stream from what is stored, without the process that wrote the log. Any process may call this
 * function, even several processes at the same time.
 *
 * @returns false if the stream is not sealed, or if it changed meanwhile and the end was refused
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
  const { length: position, epoch, outcome, error, stoppedBy } = meta;
  const end = { outcome, error };
  const [replayed, existing] = await Promise.all([
    replayLog({ store, streamId, messageId: meta.messageId, until: position }),
    store.state(streamId),
  ]);
  if (replayed === null) throw new StoreUnavailable('the log was lost while it was read');
  const { fold, hash } = replayed;
  const request = requestIn(existing);
  const copy = request && createStateCopy({ facts: meta, request, existing, text: fold.text });
  const ending = prepareEnd({
    store,
    streamId,
    fold,
    hash,
    copy,
    epoch,
    finalEpoch: epoch,
    position,
    end,
  });
  const result = await ending.write();
  if (!isClosed(result)) return false;
  if (result.what === 'closed') {
    countEnd({
      telemetry,
      streamId,
      facts: meta,
      end,
      hasStarted: position > 0,
      bytes: position + ending.frames.length,
      tokens: estimateTokens(fold.textLength),
      writingMs: null,
    });
  }
  const { message } = fold;
  await settler.settleOrDefer(streamId, { facts: meta, message, outcome, error, logBytes: result.length, stoppedBy });
  return true;
}
