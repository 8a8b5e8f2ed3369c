import { beforeEach, expect, test } from 'vitest';
import { fakeEnvironment, type FakeEnvironment } from '~/hooks/testing/fake-environment.ts';
import { followRoom, type FollowedRoom } from './follow-room.ts';

/** The requests for the feed so far. `after`: the `Last-Event-ID` of the request. */
let connections: { after: string | null; write: (text: string) => void; cut: () => void }[];
let told: unknown[];
let status: number;
let events: string[];
let ends: number;
let environment: FakeEnvironment;
let room: FollowedRoom;

const open = () => connections.at(-1)!;
const change = (v: number) => `id: ${v}\nevent: change\ndata: {"v":${v},"what":"turn","by":null}\n\n`;

beforeEach(async () => {
  connections = [];
  told = [];
  events = [];
  ends = 0;
  status = 200;
  environment = fakeEnvironment((url, init) => {
    if (url.endsWith('/presence')) {
      told.push(JSON.parse(String(init.body)));
      return Promise.resolve(new Response(null, { status: 204 }));
    }
    const after = new Headers(init.headers).get('last-event-id');
    let controller: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
    init.signal!.addEventListener('abort', () => controller.error(new Error('aborted')));
    connections.push({
      after,
      write: (text) => controller.enqueue(new TextEncoder().encode(text)),
      cut: () => controller.error(new Error('cut')),
    });
    return Promise.resolve(new Response(status === 200 ? body : null, { status }));
  });
  room = followRoom({
    chatId: '~abc',
    version: 7,
    tab: 't1',
    environment,
    listener: {
      onChange: () => void events.push('change'),
      onRefused: () => void events.push('refused'),
      onEnd: () => void (ends += 1),
      onHere: (here) => void events.push(here.map(({ name }) => name).join()),
    },
  });
  await environment.advance(0);
});

test('the first request names the version of the page, and the request after a cut names the last event', async () => {
  expect(connections.map(({ after }) => after)).toEqual(['7']);
  open().write(change(8) + 'event: here\ndata: [{"name":"Ana"}]\n\n');
  await environment.advance(0);
  expect([events, ends]).toEqual([['change', 'Ana'], 0]);
  open().cut();
  await environment.advance(1_000);
  expect(ends).toBe(1);
  expect(connections.map(({ after }) => after)).toEqual(['7', '8']);
  room.close();
});

test('reports each refusal at once, and requests the feed again after longer and longer pauses until `close`', async () => {
  status = 404;
  open().cut();
  await environment.advance(60_000);
  const count = connections.length;
  expect(events.length).toBe(count - 1);
  expect(count).toBeLessThan(12);
  room.close();
  await environment.advance(60_000);
  expect(connections.length).toBe(count);
});

test('a hidden page closes its connection, so that another tab of the browser can open one', async () => {
  expect(environment.places).toBe(3);
  environment.change('hidden');
  await environment.advance(60_000);
  expect([connections.length, environment.places]).toEqual([1, 4]);
  environment.change('shown');
  await environment.advance(0);
  expect([connections.length, environment.places]).toEqual([2, 3]);
  room.close();
  await environment.advance(0);
  expect([environment.places, environment.watchers]).toEqual([4, 0]);
});

test('opens a new connection after 45 seconds of silence', async () => {
  await environment.advance(40_000);
  open().write(': still here\n\n');
  await environment.advance(40_000);
  expect(connections.length).toBe(1);
  await environment.advance(10_000);
  expect(connections.length).toBe(2);
  room.close();
});

test('reports typing at most every two seconds, and the end of typing at once', async () => {
  for (let key = 0; key < 50; key += 1) {
    room.typed();
    await environment.advance(100);
  }
  expect(told).toEqual([1, 2, 3].map(() => ({ tab: 't1', typing: true })));
  room.stoppedTyping();
  room.stoppedTyping();
  room.typed();
  expect(told.slice(3)).toEqual([
    { tab: 't1', typing: false },
    { tab: 't1', typing: true },
  ]);
  room.close();
});

test('treats broken data as an empty list, and ignores unknown events', async () => {
  open().write('event: here\ndata: {broken\n\nevent: other\ndata: 1\n\nevent: here\ndata: {}\n\n');
  await environment.advance(0);
  expect(events).toEqual(['', '']);
  room.close();
});
