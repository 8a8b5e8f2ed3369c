import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCaller } from '../../testing/caller.ts';
import { isReady, openTestBed, type TestBed } from '../../testing/test-bed.ts';
import { SECRET } from '../../testing/tokens.ts';
import { inRoot } from '../shared/paths.ts';
import { freePort } from '../launch/ports.ts';
import { NO_LIMITS } from '../../testing/no-limits.ts';
import { startProcess } from '../../testing/process.ts';

let bed: TestBed;
beforeAll(async () => {
  bed = await openTestBed();
});
afterAll(() => bed.close());

test('`npm run sidecar` finishes its answers before it exits on SIGTERM', { timeout: 60_000 }, async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const npm = await startProcess({
    name: 'npm run sidecar',
    command: 'npm',
    args: ['run', 'sidecar'],
    cwd: inRoot('.'),
    env: {
      ...NO_LIMITS,
      HOST: '127.0.0.1',
      SIDECAR_PORT: String(port),
      SIDECAR_SECRET: SECRET,
      REDIS_URL: bed.redis.url,
      LEASE_MS: '1000',
      SYNTHETIC_MODEL: '1',
      DRAIN_MS: '20000',
    },
    ready: () => isReady(url),
  });
  // This second sidecar would take over any stream that the first one leaves unfinished.
  const witness = await bed.start();
  const caller = await createCaller({ url });
  const streamId = await caller.startStream({ modelId: 'synthetic/100x20@50' });
  await npm.kill('SIGTERM');
  expect((await caller.at(witness).untilEnded(streamId)).status).toBe('completed');
  expect(witness.log.of('stream.recovered')).toEqual([]);
});
