import { createHash } from 'node:crypto';
import { formatEventId } from '../../../shared/stream/event-id.ts';
import { DONE, formatFrame, positionAfter, utf8Bytes } from '../../../shared/stream/frames.ts';
import type { Chunk } from '../../../shared/stream/fold.ts';
import type { StreamOutcome } from '../../../shared/stream/stream.ts';

export interface RecordedLog {
  bytes: Uint8Array;
  /** The event ids of the frames, in order. */
  eventIds: string[];
  text: string;
}

const WORDS = ['plain ', 'naïve ', '漢字', 'ひらがな ', '🧵', '👩‍👩‍👧 ', 'Ω≈ç ', '"quoted"\n', '\\ ', '\u2028', 'नमस्ते '];

/** A finished log as the sidecar writes it. Its text has characters of one to four bytes. */
export function recordLog({
  deltas = 300,
  outcome = 'completed' as StreamOutcome,
  epoch = '1abc',
  messageId = 'm1',
} = {}): RecordedLog {
  const words = Array.from({ length: deltas }, (_, index) => `${index}${WORDS[index % WORDS.length]}`);
  const head: Chunk[] = [
    { type: 'start', messageId },
    { type: 'start-step' },
    { type: 'reasoning-start', id: 'r' },
    { type: 'reasoning-delta', id: 'r', delta: 'Let me see… ' },
    { type: 'reasoning-delta', id: 'r', delta: '考え中' },
    { type: 'reasoning-end', id: 'r' },
    { type: 'text-start', id: '0' },
  ];
  const body = words.map((delta) => ({ type: 'text-delta', id: '0', delta }));
  return writeLog({
    chunks: [...head, ...body, { type: 'text-end', id: '0' }, { type: 'finish-step' }],
    outcome,
    epoch,
  });
}

/** A log with these chunks. `outcome: null`: the log has not ended. `text` in the result: all text deltas, joined in order. */
export function writeLog({
  chunks,
  outcome = 'completed',
  epoch = '1abc',
}: {
  chunks: Chunk[];
  outcome?: StreamOutcome | null;
  epoch?: string;
}): RecordedLog {
  let log = '';
  let position = 0;
  const eventIds: string[] = [];
  const append = (data: string) => {
    position = positionAfter({ start: position, dataBytes: utf8Bytes(data), epoch });
    eventIds.push(formatEventId({ epoch, position }));
    log += formatFrame(data, eventIds.at(-1)!);
  };
  for (const chunk of chunks) append(JSON.stringify(chunk));
  if (outcome) {
    const sha256 = createHash('sha256').update(log).digest('hex');
    append(JSON.stringify({ type: 'data-end', transient: true, data: { status: outcome, bytes: position, sha256 } }));
    append(JSON.stringify({ type: 'finish' }));
    append(DONE);
  }
  const text = chunks.map((chunk) => (chunk.type === 'text-delta' ? String(chunk.delta) : '')).join('');
  return { bytes: new TextEncoder().encode(log), eventIds, text };
}
