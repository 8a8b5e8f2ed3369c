import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { examineCut } from '../scripts/doctor/services.ts';
import { freePort } from '../scripts/launch/ports.ts';
import { inRoot } from '../scripts/shared/paths.ts';
import { answersHttp } from '../scripts/shared/wait.ts';
import { installedNginx } from '../scripts/test/installed-nginx.ts';
import { createCaller, newId } from '../testing/caller.ts';
import { startProcess } from '../testing/process.ts';
import { openTestBed, type SidecarProcess, type TestBed } from '../testing/test-bed.ts';
import { token } from '../testing/tokens.ts';

let bed: TestBed;
let sidecars: SidecarProcess[];
let dir: string;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'rejoin-cut-'));
  // Long enough that no takeover happens while a cut is examined.
  bed = await openTestBed({ env: { LEASE_MS: '5000' } });
  sidecars = [await bed.spawn(), await bed.spawn()];
}, 60_000);
afterAll(async () => {
  await bed.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Starts nginx with this configuration in front of the two sidecars. Only addresses and folders are replaced in it. */
async function startNginx(text: string) {
  const nginx = installedNginx();
  if (nginx === null) throw new Error('The tests need nginx: `npm run setup`.');
  const [port, unused, folder] = [await freePort(), await freePort(), mkdtempSync(join(dir, 'nginx-'))];
  const ports = sidecars.map(({ url }) => new URL(url).port);
  const config = text
    .replaceAll(
      /server (?:sidecar-|127\.0\.0\.1:400)([12])(?::4000)?( resolve)?/g,
      (_, n) => `server 127.0.0.1:${ports[Number(n) - 1]}`,
    )
    .replace(/server app:3000 resolve/, `server 127.0.0.1:${unused}`)
    .replace('listen 8080;', `listen 127.0.0.1:${unused};`)
    .replace(/listen (?:127\.0\.0\.1:)?4000;/, `listen 127.0.0.1:${port};`)
    .replaceAll('/tmp/', `${folder}/`);
  writeFileSync(join(folder, 'nginx.conf'), config);
  const url = `http://127.0.0.1:${port}`;
  const running = await startProcess({
    name: 'nginx',
    command: nginx,
    args: ['-c', join(folder, 'nginx.conf'), '-e', 'stderr', '-g', 'daemon off;'],
    ready: () => answersHttp(`${url}/healthz`),
  });
  return { url, stop: () => running.stop() };
}

const shipped = (file: string) => readFileSync(inRoot('deploy', file), 'utf8');

/**
 * Kills all sidecars in the middle of an answer, four times, and returns how the answer ended for a reader behind the
 * balancer.
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
  'behind nginx with %s, an answer whose process was killed ends in a cut, each time',
  { timeout: 120_000 },
  async (file) => {
    const { url, stop } = await startNginx(shipped(file));
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
  const { url, stop } = await startNginx(hiding);
  try {
    expect(await examineCut(url)).toMatchObject([
      { level: 'fail', advice: expect.stringContaining('proxy_http_version') },
    ]);
    expect(await examineCut(sidecars[0]!.url)).toMatchObject([{ level: 'ok' }]);
  } finally {
    await stop();
  }
});
