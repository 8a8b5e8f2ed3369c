import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../launch/ports.ts';
import { startRedis, type TestRedis } from '../../testing/start-redis.ts';
import { findLeftBehind, PID_FILE, recordOwner } from './left-behind.ts';
import { probeRedis } from './probe.ts';

let dir: string;
let redis: TestRedis | null;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rejoin-left-behind-'));
  redis = null;
});
afterEach(async () => {
  await redis?.stop();
  rmSync(dir, { recursive: true });
});

const startOurs = async () => {
  const port = await freePort();
  recordOwner(dir, { port });
  redis = await startRedis({ port, dir, args: ['--pidfile', join(dir, PID_FILE)] });
  return port;
};

test('no server is found for a folder that no server has used', async () => {
  expect(await findLeftBehind(dir)).toBeNull();
});

test('a server is in use while the process that started it runs', async () => {
  const port = await startOurs();
  expect(await findLeftBehind(dir)).toMatchObject({ port, isInUse: true });
});

test('a server can be ended when the process that started it is gone', async () => {
  const port = await startOurs();
  writeFileSync(join(dir, 'owner.json'), JSON.stringify({ port, supervisor: 2 ** 22 + 1 })); // No such process.
  const found = await findLeftBehind(dir);
  expect(found?.isInUse).toBe(false);
  await found?.end();
  expect(await probeRedis({ port })).toEqual({ kind: 'silent' });
  expect(await findLeftBehind(dir)).toBeNull();
});

test('another server on the recorded port is not taken for ours', async () => {
  const port = await startOurs();
  writeFileSync(join(dir, PID_FILE), String(process.pid));
  expect(await findLeftBehind(dir)).toBeNull();
  expect(await probeRedis({ port })).toMatchObject({ kind: 'redis' });
});
