import { beforeAll, describe, expect, test } from 'vitest';
import { createStreamConnection } from './stream-connection.ts';
import { fakeEnvironment, fakeServer } from './testing/fake-environment.ts';
import { recordLog, writeLog, type RecordedLog } from './testing/recorded-log.ts';

// The hash library loads in real time, which the fake clock does not measure. So it is loaded first.
beforeAll(() => import('@noble/hashes/sha2.js'));

const log = recordLog({ deltas: 320 });
const positionOf = (eventId: string) => Number(eventId.split('-')[1]);

function setUp(recorded: RecordedLog = log, options: Parameters<typeof fakeServer>[1] = {}) {
  const server = fakeServer(recorded, options);
  const environment = fakeEnvironment(server.fetch);
  const connection = createStreamConnection({ streamId: 's1', messageId: 'm1', environment });
  return { server, environment, connection };
}

describe('a connection that follows a stream', () => {
  test('reads it to its end', async () => {
    const { connection, environment, server } = setUp();
    connection.follow();
    expect(connection.snapshot().status).toBe('connecting');
    await environment.advance(100);
    expect(connection.snapshot()).toMatchObject({ status: 'completed', content: log.text, error: null });
    expect(environment.watchers).toBe(0);
    expect(server.connections).toBe(0);
  });

  test('is active while the answer is written, and notifies at most once per animation frame', async () => {
    const { connection, environment, server } = setUp(log, { written: 400 });
    const seen: string[] = [];
    connection.subscribe(() => seen.push(connection.snapshot().content));
    connection.follow();
    await environment.advance(200);
    expect(connection.snapshot()).toMatchObject({ status: 'active', connection: { state: 'live' } });
    const before = seen.length;
    for (let written = 500; written <= 2000; written += 10) server.write(written);
    await environment.advance(16);
    expect(seen.length - before).toBeLessThanOrEqual(1);
    expect(log.text.startsWith(seen.at(-1)!)).toBe(true);
  });

  test.each([
    ['cancelled', null],
    ['error', 'The model is overloaded.'],
  ] as const)('ends as %s', async (outcome, message) => {
    const recorded = writeLog({
      chunks: [{ type: 'start', messageId: 'm1' }, ...(message ? [{ type: 'error', errorText: message }] : [])],
      outcome,
    });
    const { connection, environment } = setUp(recorded);
    connection.follow();
    await environment.advance(100);
    const { status, error } = connection.snapshot();
    expect({ status, message: error?.message ?? null }).toEqual({ status: outcome, message });
  });

  test('continues after the part that the server has rendered, without reading it again', async () => {
    const first = setUp(log, { written: 5000 });
    first.connection.follow();
    await first.environment.advance(100);
    const { lastEventId, message, content } = first.connection.snapshot();

    const server = fakeServer(log);
    const environment = fakeEnvironment(server.fetch);
    const held = { lastEventId, message };
    const connection = createStreamConnection({ streamId: 's1', messageId: 'm1', held, environment });
    expect(connection.snapshot()).toMatchObject({ status: 'active', content });
    connection.follow();
    await environment.advance(100);
    expect(server.asked).toEqual([`resume ${lastEventId}`]);
    expect(connection.snapshot()).toMatchObject({ status: 'completed', content: log.text });
  });

  test('closes its request and removes its listeners when it is released', async () => {
    const { connection, environment, server } = setUp(log, { written: 3000 });
    connection.follow();
    await environment.advance(100);
    connection.release();
    await environment.advance(60_000);
    expect(server.connections).toBe(0);
    expect(environment.watchers).toBe(0);
    expect(server.asked).toHaveLength(1);
  });
});

describe('a connection that is cut', () => {
  test('loses and repeats nothing, at whatever byte it is cut', async () => {
    for (let at = 1; at < log.bytes.length; at += 211) {
      const { connection, environment, server } = setUp(log, { cutAfter: [at, 1, 313] });
      const seen: string[] = [];
      connection.subscribe(() => seen.push(connection.snapshot().content));
      connection.follow();
      await environment.advance(5000);
      expect(connection.snapshot()).toMatchObject({ status: 'completed', content: log.text });
      expect(seen.every((content) => log.text.startsWith(content))).toBe(true);
      expect(seen.every((content, index) => content.length >= (seen[index - 1]?.length ?? 0))).toBe(true);
      expect(server.asked.length).toBeGreaterThan(1);
    }
  });

  test('is opened again after a response that ends cleanly, but without [DONE]', async () => {
    const { connection, environment, server } = setUp();
    server.answerNext(new Response(log.bytes.slice(0, 3000)));
    connection.follow();
    await environment.advance(200);
    expect(connection.snapshot().connection).toEqual({ state: 'reconnecting', attempt: 1 });
    await environment.advance(300);
    expect(connection.snapshot()).toMatchObject({ status: 'completed', content: log.text });
  });

  test('is opened again after 40 s without a byte', async () => {
    const { connection, environment, server } = setUp(log, { written: 3000 });
    connection.follow();
    await environment.advance(39_000);
    expect(server.asked).toHaveLength(1);
    await environment.advance(2_000);
    expect(server.asked).toHaveLength(2);
  });

  test('is opened again if the server does not answer within 20 s', async () => {
    const { connection, environment, server } = setUp();
    const { fetch } = environment;
    environment.fetch = () => new Promise(() => undefined);
    connection.follow();
    await environment.advance(19_000);
    environment.fetch = fetch;
    await environment.advance(2_000);
    expect(server.asked).toEqual(['resume -']);
    expect(connection.snapshot().status).toBe('completed');
  });

  test('is opened again after a 503 whose body never ends', async () => {
    const { connection, environment, server } = setUp();
    server.answerNext(new Response(new ReadableStream({}), { status: 503 }));
    connection.follow();
    await environment.advance(22_000);
    expect(connection.snapshot().status).toBe('completed');
  });

  test('is reopened with growing delays while the server is away', async () => {
    const { connection, environment, server } = setUp();
    server.answerNext(...Array.from({ length: 4 }, () => new TypeError('Failed to fetch')));
    connection.follow();
    await environment.advance(250 + 500 + 1000);
    expect(server.asked).toEqual([]);
    await environment.advance(2100);
    expect(connection.snapshot().content).toBe(log.text);
  });

  test('is retried with a fresh session after a 401', async () => {
    const { connection, environment, server } = setUp();
    server.answerNext(Response.json({ code: 'unauthorized' }, { status: 401 }));
    connection.follow();
    await environment.advance(100);
    expect(environment.refreshes).toBe(1);
    expect(connection.snapshot().status).toBe('completed');
  });

  test('is not reopened if the stream is gone, which is reported as an error', async () => {
    const { connection, environment, server } = setUp();
    server.answerNext(Response.json({ code: 'not_found' }, { status: 404 }));
    connection.follow();
    await environment.advance(60_000);
    expect(connection.snapshot()).toMatchObject({ status: 'error', error: { code: 'gone' } });
    expect(server.asked).toEqual([]);
  });
});

describe('a log that fails its check, or was replaced on the server', () => {
  const spliced = () => {
    const bytes = log.bytes.slice();
    const from = positionOf(log.eventIds[20]!);
    bytes.copyWithin(from, positionOf(log.eventIds[21]!));
    return new Response(new Uint8Array(bytes));
  };

  test('is read again from its beginning if frame positions do not match, with only one warning if this happens twice', async () => {
    const { connection, environment, server } = setUp();
    server.answerNext(spliced(), spliced());
    connection.follow();
    await environment.advance(2000);
    expect(connection.snapshot()).toMatchObject({ status: 'completed', content: log.text });
    expect(server.asked).toEqual(['resume -']);
    expect(environment.warnings).toHaveLength(1);
  });

  test('is read again if all frame positions are right but the hash at its end does not match', async () => {
    const { connection, environment, server } = setUp();
    server.answerNext(new Response(new TextDecoder().decode(log.bytes).replaceAll('plain', 'plane')));
    connection.follow();
    await environment.advance(2000);
    expect(connection.snapshot()).toMatchObject({ status: 'completed', content: log.text });
    expect(environment.warnings).toHaveLength(1);
  });

  test('is read from its beginning, without a warning, if the server responds with X-Stream-Reset', async () => {
    const { connection, environment, server } = setUp(log, { written: 3000 });
    connection.follow();
    await environment.advance(100);
    const other = recordLog({ deltas: 40, epoch: '2xyz' });
    server.answerNext(new Response(new Uint8Array(other.bytes), { headers: { 'X-Stream-Reset': '1' } }));
    server.cut();
    await environment.advance(1000);
    expect(connection.snapshot()).toMatchObject({ status: 'completed', content: other.text });
    expect(environment.warnings).toEqual([]);
  });
});

describe('a window that is hidden and shown again', () => {
  test('has no connection while hidden, and continues after its last event id when shown', async () => {
    const { connection, environment, server } = setUp(log, { written: 3000 });
    connection.follow();
    await environment.advance(100);
    const { lastEventId } = connection.snapshot();
    environment.change('hidden');
    expect(server.connections).toBe(0);
    server.write(6000);
    await environment.advance(4000);
    environment.change('shown');
    await environment.advance(200);
    expect(server.asked).toEqual(['resume -', 'status', `resume ${lastEventId}`]);
    expect(connection.snapshot().connection).toEqual({ state: 'live' });
  });

  test('notices the end of the stream while hidden', async () => {
    const { connection, environment, server } = setUp(log, { written: 3000 });
    connection.follow();
    await environment.advance(100);
    const told: string[] = [];
    connection.subscribe(() => told.push(connection.snapshot().status));
    server.write(3500);
    await environment.advance(0);
    environment.change('hidden');
    server.write(log.bytes.length);
    await environment.advance(6000);
    expect(told.at(-1)).toBe('completed');
    expect(connection.snapshot()).toMatchObject({ status: 'completed', content: log.text });
    expect(connection.snapshot().connection).toEqual({ state: 'finished-away' });
  });
});

describe('many tabs', () => {
  test('give their connection slots back while they are hidden', async () => {
    const { connection, environment } = setUp(log, { written: 3000 });
    connection.follow();
    await environment.advance(100);
    expect(environment.places).toBe(3);
    environment.change('hidden');
    await environment.advance(100);
    expect(environment.places).toBe(4);
  });

  test('poll instead of keeping a connection open while there is no free slot, and miss nothing', async () => {
    const { connection, environment, server } = setUp(log, { written: 3000 });
    environment.places = 0;
    connection.follow();
    await environment.advance(200);
    expect(server.connections).toBe(0);
    expect(connection.snapshot().connection).toEqual({ state: 'live' });
    server.write(9000);
    await environment.advance(1100);
    expect(connection.snapshot().lastEventId).toBe(log.eventIds.findLast((id) => positionOf(id) <= 9000));
    environment.places = 1;
    await environment.advance(1100);
    expect(server.connections).toBe(1);
    server.write(log.bytes.length);
    await environment.advance(100);
    expect(connection.snapshot()).toMatchObject({ status: 'completed', content: log.text });
  });
});
