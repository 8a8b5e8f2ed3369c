import { expect, test } from 'vitest';
import { readableLine } from './log-lines.ts';

test('a JSON line of pino is formatted as text, with its fields', () => {
  const time = new Date(2026, 0, 2, 14, 13, 20).getTime();
  const line = JSON.stringify({ level: 40, time, pid: 7, hostname: 'h', msg: 'Redis is away', attempt: 2, ids: ['a'] });
  expect(readableLine('sidecar', line)).toBe('14:13:20 sidecar  warning: Redis is away  attempt=2  ids=["a"]');
});

test('a line without a message shows its event, and its time may be an ISO text', () => {
  const time = new Date(2026, 0, 2, 14, 13, 20).toISOString();
  const line = JSON.stringify({ level: 30, time, name: 'sidecar', event: 'sidecar.listening', store: 'redis' });
  expect(readableLine('sidecar', line)).toBe('14:13:20 sidecar  sidecar.listening  store=redis');
});

test('a line that pino did not write gets the name of its service in front, even if the line is JSON', () => {
  expect(readableLine('sidecar', 'LEASE_MS must be a number')).toBe('sidecar  LEASE_MS must be a number');
  expect(readableLine('sidecar', '{"a":1}')).toBe('sidecar  {"a":1}');
  expect(readableLine('sidecar', '{broken')).toBe('sidecar  {broken');
});

const request = (more: object) =>
  JSON.stringify({ level: 30, time: 0, name: 'app', event: 'request', method: 'GET', path: '/', ...more });

test.each([request({ status: 200 }), request({ status: 404 }), request({ event: 'app.listening' }), ''])(
  'an empty or routine line of the app is left out: "%s"',
  (line) => {
    expect(readableLine('app', line)).toBeNull();
  },
);

test('requests with a 5xx status, and lines that are not JSON, are kept', () => {
  expect(readableLine('app', request({ status: 500 }))).toContain('request  method=GET  path=/  status=500');
  expect(readableLine('app', 'Error: no')).toBe('app  Error: no');
});
