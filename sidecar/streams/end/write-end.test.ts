import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { sampleStream } from '../../../testing/sample-stream.ts';
import { createFold } from '../../../shared/stream/fold.ts';
import type { Close, CloseResult } from '../../store/streams/stream-store.ts';
import { createStateCopy } from '../log/state-copy.ts';
import { prepareEnd } from './write-end.ts';

test('if the reply to the last append was lost, the second attempt to write the end replaces the whole state copy', async () => {
  const { streamId, facts, frames } = sampleStream();
  const fold = createFold(facts.messageId);
  const copy = createStateCopy({ facts, request: { messages: [], instructions: '' } });
  copy.whole({ status: 'active', epoch: '1aaaa', position: frames.length, text: '', now: facts.startTime });
  for (const chunk of [
    { type: 'start', messageId: facts.messageId },
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'Once upon a time' },
    { type: 'text-end', id: 't' },
  ])
    fold.take(chunk);
  const asked: Close[] = [];
  const answers: CloseResult[] = [
    { what: 'elsewhere', length: 500 },
    { what: 'closed', length: 800, isPatched: true },
  ];
  const store = {
    close: async (request: Close) => (asked.push(request), answers.shift()!),
    checkpoint: async () => true,
  };
  for (const position of [400, 500]) {
    const hash = createHash('sha256').update(frames);
    const end = { outcome: 'completed', error: null } as const;
    await prepareEnd({ store, streamId, fold, hash, copy, epoch: '1aaaa', finalEpoch: '2bbbb', position, end }).write();
  }
  const [, { state } = { state: null }] = asked;
  expect(state?.patches.map(({ offset }) => offset)).toEqual([0]);
  expect(JSON.parse(state!.patches[0]!.bytes.toString())).toMatchObject({
    status: 'completed',
    accumulatedContent: 'Once upon a time',
  });
});
