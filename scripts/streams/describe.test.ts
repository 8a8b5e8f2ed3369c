import { expect, test } from 'vitest';
import { MAX_ALL_ACTIVE, type StreamState } from '../../shared/stream/stream.ts';
import { age, listLines, showLines } from './describe.ts';

const NOW = Date.parse('2026-01-02T00:00:00Z');

const stream = (changes: Partial<StreamState> = {}): StreamState => ({
  streamId: 's1',
  chatId: 'c1',
  messageId: 'm1',
  modelId: 'demo',
  status: 'active',
  startTime: '2026-01-01T23:58:00Z',
  lastActivity: '2026-01-01T23:59:57Z',
  lastEventId: '1ab-42',
  bytes: 42,
  sha256: null,
  error: null,
  resumable: true,
  userId: 'user_1',
  ...changes,
});

test('an age is given in its largest unit', () => {
  const ago = (seconds: number) => age(new Date(NOW - seconds * 1000).toISOString(), NOW);
  expect([0, 59, 60, 3599, 3600, 86_399, 86_400].map(ago)).toEqual([
    '0 s',
    '59 s',
    '1 min',
    '59 min',
    '1 h',
    '23 h',
    '1 d',
  ]);
  expect(ago(-5)).toBe('0 s'); // the clock of the sidecar is ahead
});

test('streams are listed in columns', () => {
  expect(listLines([stream(), stream({ streamId: 'a-longer-id', bytes: 7 })], NOW)).toEqual([
    'STREAM       USER    CHAT  MODEL  AGE    SILENT  BYTES',
    's1           user_1  c1    demo   2 min  3 s     42',
    'a-longer-id  user_1  c1    demo   2 min  3 s     7',
  ]);
  expect(listLines([], NOW)).toEqual(['No answer is being written.']);
});

test('a list of the maximum length says that there may be more streams', () => {
  expect(
    listLines(
      Array.from({ length: MAX_ALL_ACTIVE }, () => stream()),
      NOW,
    ).at(-1),
  ).toContain('there may be more');
});

test('the owner and the number of readers are shown if they are known', () => {
  const lines = showLines(stream({ owner: '7f3c', readers: 0 }), NOW);
  expect(lines).toContain('owner         7f3c');
  expect(lines).toContain('readers       0');
  // Without Redis there is only one process, and `owner` is empty.
  const unknown = showLines(stream({ owner: '' }), NOW).join('\n');
  expect(unknown).not.toMatch(/^(owner|readers)/m);
});

test('a stream that failed says why', () => {
  const lines = showLines(stream({ status: 'error', error: { code: 'stalled', text: 'It said nothing.' } }), NOW);
  expect(lines).toContain('status        error: It said nothing. (stalled)');
  expect(lines.join('\n')).not.toContain('undefined');
  expect(lines.join('\n')).not.toContain('sha-256');
});
