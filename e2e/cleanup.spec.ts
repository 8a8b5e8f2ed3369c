import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cleanupAnswerSchema } from '../shared/stream/stream.ts';
import { createCaller, type Caller } from './stack/caller.ts';
import { expect, test } from './stack/quick-demo.ts';
import { storedAnswer, storedKeys } from './stack/stored.ts';

async function curlCleanup(baseURL: string, { token }: Caller, action: string) {
  const args = ['-sS', '--fail-with-body', '-X', 'POST', `${baseURL}/api/stream/cleanup`];
  const { stdout } = await promisify(execFile)('curl', [
    ...args,
    ...['-H', `Authorization: Bearer ${token}`],
    ...['-d', `{"action":"${action}"}`],
  ]);
  return cleanupAnswerSchema.parse(JSON.parse(stdout));
}

test('with curl, the cleanup "expired" keeps a stream that has just ended, and "force" removes only ended streams of the caller', async ({
  stack,
}) => {
  const [caller, other] = await Promise.all([createCaller(stack), createCaller(stack)]);
  const [ended, theirs, active] = await Promise.all([
    caller.start({ modelId: 'synthetic/3x40@0' }),
    other.start({ modelId: 'synthetic/3x40@0' }),
    caller.start({ modelId: 'synthetic/4000x40@20' }),
  ]);
  await Promise.all([storedAnswer(stack, ended), storedAnswer(stack, theirs)]);
  const keysOf = (streamId: string) => storedKeys(stack, `*stream:${streamId}*`);
  const kept = await keysOf(ended);
  expect(kept).toEqual([`stream:${ended}`, `{stream:${ended}}:log`, `{stream:${ended}}:meta`]);

  expect(await curlCleanup(stack.baseURL, caller, 'expired')).toMatchObject({ action: 'expired', removed: 0 });
  expect(await keysOf(ended)).toEqual(kept);

  expect(await curlCleanup(stack.baseURL, caller, 'force')).toMatchObject({ action: 'force', removed: 1 });
  // A tombstone remains for a while. It tells a sidecar that the stream was deleted, and not lost by Redis.
  expect(await keysOf(ended)).toEqual([`{stream:${ended}}:meta`]);
  expect((await caller.call('GET', `/api/stream/status/${ended}`)).status).toBe(404);
  expect((await caller.state(active)).status).toBe('active');
  expect((await other.state(theirs)).status).toBe('completed');
  await caller.call('DELETE', `/api/stream/cancel/${active}`);
});
