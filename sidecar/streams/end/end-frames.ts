import type { Hash } from 'node:crypto';
import type { Chunk, MessageFold } from '../../../shared/stream/fold.ts';
import { DONE } from '../../../shared/stream/frames.ts';
import type { EndProof, StreamOutcome } from '../../../shared/stream/stream.ts';
import type { StreamError } from '../../../shared/stream/stream-errors.ts';
import { encodeFrames } from '../log/encode-frames.ts';
import { endingsOf } from './open-endings.ts';

export interface End {
  outcome: StreamOutcome;
  /** Only for the outcome `error`. */
  error: StreamError | null;
  /** The reason that the model gave. Only for the outcome `completed`. */
  finishReason?: string;
  messageMetadata?: unknown;
}

/**
 * PROTOCOL.md 8.3: the frames that end a log. They are the ends of open parts, the outcome, the proof, `finish` and `[DONE]`.
 *
 * @param fold the message so far. It is not changed, because the end counts only once it is stored.
 * @param hash SHA-256 of the log up to `start`. It cannot be used afterwards.
 * @returns the bytes, the chunks that the fold must take once the bytes are stored, and the SHA-256 of the log with these bytes
 */
export function endFrames({
  fold,
  end,
  epoch,
  start,
  hash,
}: {
  fold: MessageFold;
  end: End;
  epoch: string;
  start: number;
  hash: Hash;
}): { bytes: Buffer; chunks: Chunk[]; sha256: string } {
  // The log is empty if the stream was stopped while it waited in a queue, or could not begin.
  const beginning: Chunk[] = start === 0 ? [{ type: 'start', messageId: fold.message.id }] : [];
  const endings = [...beginning, ...endingsOf(fold, end.outcome), ...outcomeOf(end)];
  const before = encodeFrames({ data: endings.map((chunk) => JSON.stringify(chunk)), epoch, start });
  hash.update(before);
  const proof: EndProof = {
    status: end.outcome,
    bytes: start + before.length,
    sha256: hash.copy().digest('hex'),
    ...(end.error ? { code: end.error.code } : {}),
  };
  const finish: Chunk = { type: 'finish', finishReason: finishReasonOf(end) };
  if (end.messageMetadata !== undefined) finish.messageMetadata = end.messageMetadata;
  const after = encodeFrames({
    data: [JSON.stringify({ type: 'data-end', data: proof, transient: true }), JSON.stringify(finish), DONE],
    epoch,
    start: start + before.length,
  });
  hash.update(after);
  return { bytes: Buffer.concat([before, after]), chunks: [...endings, finish], sha256: hash.digest('hex') };
}

function outcomeOf({ outcome, error }: End): Chunk[] {
  switch (outcome) {
    case 'completed':
      return [];
    case 'cancelled':
      return [{ type: 'abort', reason: 'cancelled' }];
    case 'error':
      return [{ type: 'error', errorText: error?.text ?? 'The answer could not be finished.' }];
  }
}

function finishReasonOf({ outcome, finishReason }: End): string {
  switch (outcome) {
    case 'completed':
      return finishReason ?? 'stop';
    case 'cancelled':
      return 'other';
    case 'error':
      return 'error';
  }
}
