import { randomBytes } from 'node:crypto';
import type { Chunk } from '../shared/stream/fold.ts';
import { firstEpoch } from '../sidecar/store/streams/epoch.ts';
import type { NewStream, StreamFacts } from '../sidecar/store/streams/stream-store.ts';
import { encodeFrames } from '../sidecar/streams/log/encode-frames.ts';

/** A random id, so that tests do not see each other's data. */
export const randomId = (prefix: string): string => `${prefix}_${randomBytes(9).toString('base64url')}`;

export const framesOf = (chunks: readonly Chunk[], epoch: string, start: number): Buffer =>
  encodeFrames({ data: chunks.map((chunk) => JSON.stringify(chunk)), epoch, start });

export const textDelta = (delta: string, id = '0'): Chunk => ({ type: 'text-delta', id, delta });

/** A new stream, to be passed to `create` of a stream store. Its log is one `start` frame, and its state copy has no text. */
export function sampleStream(fields: Partial<StreamFacts> & { streamId?: string; epoch?: string } = {}): NewStream {
  const { streamId = randomId('s'), epoch = firstEpoch(), ...rest } = fields;
  const facts: StreamFacts = {
    userId: randomId('user'),
    chatId: randomId('chat'),
    messageId: randomId('m'),
    modelId: 'synthetic/10x20@0',
    servedBy: 'synthetic',
    parentId: 'q1',
    startTime: '2026-11-22T10:00:00.000Z',
    fingerprint: 'f1',
    ...rest,
  };
  return {
    streamId,
    facts,
    epoch,
    state: Buffer.from('{"status":"active","accumulatedContent":""}'),
    frames: framesOf([{ type: 'start', messageId: facts.messageId }], epoch, 0),
  };
}
