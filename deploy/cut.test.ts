import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examineCut } from '../scripts/doctor/services.ts';
import { inRoot } from '../scripts/shared/paths.ts';
import { createCaller, newId } from '../testing/caller.ts';
import { openTestBed, type SidecarProcess, type TestBed } from '../testing/test-bed.ts';
import { token } from '../testing/tokens.ts';
import { startBalancer } from './testing/balancer.ts';

let bed: TestBed;
let sidecars: SidecarProcess[];

beforeAll(async () => {
  // With this long lease, no sidecar takes a stream over before the kill, even on a slow machine. Only the kill may end a
  // response.
  bed = await openTestBed({ env: { LEASE_MS: '5000' } });
  sidecars = [await bed.spawn(), await bed.spawn()];
}, 60_000);
afterAll(async () => {
  await bed.close();
});

const shipped = (file: string) => readFileSync(inRoot('deploy', file), 'utf8');

/**
 * Kills all sidecars in the middle of an answer, four times. Returns how each answer ended for a reader behind the balancer.
 */
async function endsOfKilledAnswers(url: string): Promise<string[]> {
  const ends: string[] = [];
  for (let i = 0; i < 4; i++) {
    const caller = await createCaller(sidecars[0]!);
    const streamId = await caller.startStream({ chatId: newId('c'), modelId: 'synthetic/20000x20@100' });
    const bearer = await token({ userId: caller.userId, expiresInSeconds: 600 });
    const response = await fetch(`${url}/streams/${streamId}/events`, {
      headers: { accept: 'text/event-stream', authorization: `Bearer ${bearer}` },
    });
    const reader = response.body!.getReader();
    expect((await reader.read()).value!.length).toBeGreaterThan(0);
    await Promise.all(sidecars.map((sidecar) => sidecar.kill('SIGKILL')));
    ends.push(await endOf(reader));
    await Promise.all(sidecars.map((sidecar) => sidecar.restart()));
  }
  return ends;
}

async function endOf(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<'clean' | 'cut'> {
  try {
    for (;;) if ((await reader.read()).done) return 'clean';
  } catch {
    return 'cut';
  }
}

test.each(['nginx.conf', 'nginx-local.conf'])(
  'behind nginx with %s, a response is cut whenever the sidecars are killed in the middle of an answer',
  { timeout: 120_000 },
  async (file) => {
    const { url, stop } = await startBalancer(shipped(file), sidecars);
    try {
      expect(await endsOfKilledAnswers(url)).toEqual(['cut', 'cut', 'cut', 'cut']);
      expect(await examineCut(url)).toMatchObject([{ level: 'ok' }]);
    } finally {
      await stop();
    }
  },
);

test('the doctor notices a balancer that hides cuts', { timeout: 60_000 }, async () => {
  const hiding = shipped('nginx-local.conf').replace(/^ *proxy_http_version.*\n/m, '');
  const { url, stop } = await startBalancer(hiding, sidecars);
  try {
    expect(await examineCut(url)).toMatchObject([
      { level: 'fail', advice: expect.stringContaining('proxy_http_version') },
    ]);
    expect(await examineCut(sidecars[0]!.url)).toMatchObject([{ level: 'ok' }]);
  } finally {
    await stop();
  }
});
