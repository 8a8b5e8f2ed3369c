import { expect, test } from 'vitest';
import { createStreamRegistry } from './stream-registry.ts';
import { fakeEnvironment, fakeServer } from './testing/fake-environment.ts';
import { recordLog } from './testing/recorded-log.ts';

const log = recordLog({ deltas: 320 });

function setUp(written = 3000) {
  const server = fakeServer(log, { written });
  const environment = fakeEnvironment(server.fetch);
  return { server, environment, registry: createStreamRegistry(environment) };
}

test('two components with the same stream share one connection, which is closed when both have released it', async () => {
  const { registry, environment, server } = setUp();
  const first = registry.acquire({ streamId: 's1', messageId: 'm1' });
  const second = registry.acquire({ streamId: 's1', messageId: 'm1' });
  expect(second.connection).toBe(first.connection);
  await environment.advance(100);
  expect(server.connections).toBe(1);
  first.release();
  first.release();
  await environment.advance(100);
  expect(server.connections).toBe(1);
  second.release();
  await environment.advance(100);
  expect(server.connections).toBe(0);
});

test('a connection survives if its only component is unmounted and another is mounted directly afterwards', async () => {
  const { registry, environment, server } = setUp();
  registry.acquire({ streamId: 's1', messageId: 'm1' }).release();
  registry.acquire({ streamId: 's1', messageId: 'm1' });
  await environment.advance(100);
  expect(server.asked).toEqual(['resume -']);
});

test('a component that is mounted again continues with the kept text, unless the server has rendered more', async () => {
  const { registry, environment, server } = setUp();
  const first = registry.acquire({ streamId: 's1', messageId: 'm1' });
  await environment.advance(100);
  const early = first.connection.snapshot();
  server.write(9000);
  await environment.advance(100);
  const late = first.connection.snapshot();
  first.release();
  await environment.advance(100);

  const behind = registry.acquire({ streamId: 's1', messageId: 'm1', held: early });
  expect(behind.connection.snapshot().lastEventId).toBe(late.lastEventId);
  behind.release();
  await environment.advance(100);
  // The epoch of this render begins with 0, that of the kept text with 1. So the render is older, although its position is higher.
  const older = { ...early, lastEventId: `0aaaa-${String(late.lastEventId).split('-')[1]}0` };
  const before = registry.acquire({ streamId: 's1', messageId: 'm1', held: older });
  expect(before.connection.snapshot().lastEventId).toBe(late.lastEventId);
  before.release();
  await environment.advance(100);

  const fresh = setUp(9000);
  fresh.registry.acquire({ streamId: 's1', messageId: 'm1', held: early }).release();
  await fresh.environment.advance(0);
  const ahead = fresh.registry.acquire({ streamId: 's1', messageId: 'm1', held: late });
  expect(ahead.connection.snapshot().lastEventId).toBe(late.lastEventId);
});
