import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../scripts/launch/ports.ts';
import { follow, followToTheEnd } from '../../testing/follow.ts';
import { startProcess, type TestProcess } from '../../testing/process.ts';
import { answersHttp } from '../../scripts/shared/wait.ts';
import { startBody } from '../../testing/caller.ts';
import { openTestBed, type SidecarProcess, type TestBed } from '../../testing/test-bed.ts';
import { SECRET } from '../../testing/tokens.ts';
import { checkWholeLog, countDeltas } from '../../testing/whole-log.ts';

const CHARS = 20;
/** 200 deltas over two seconds. */
const MODEL = `synthetic/200x${CHARS}@100`;
const ENDLESS = `synthetic/20000x${CHARS}@50`;

const example = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

let bed: TestBed;
let sidecar: SidecarProcess;
beforeAll(async () => {
  bed = await openTestBed();
  sidecar = await bed.spawn();
});
afterAll(() => bed.close());

describe('the backend in Express', { timeout: 60_000 }, () => {
  let backend: TestProcess;
  let url: string;
  const alice = { 'x-api-key': 'key-of-alice' };
  const bob = { 'x-api-key': 'key-of-bob' };

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    backend = await startProcess({
      name: 'express.mjs',
      command: process.execPath,
      args: [example('express.mjs')],
      env: {
        PORT: String(port),
        SIDECAR_URL: sidecar.url,
        SIDECAR_SECRET: SECRET,
        API_KEYS: JSON.stringify({ 'key-of-alice': 'alice', 'key-of-bob': 'bob' }),
      },
      ready: () => answersHttp(url),
    });
  });
  afterAll(() => backend.stop());

  async function start(modelId: string): Promise<{ streamId: string; answer: string }> {
    const response = await fetch(`${url}/answers`, {
      method: 'POST',
      headers: { ...alice, 'content-type': 'application/json' },
      body: JSON.stringify(startBody({ modelId })),
    });
    expect(response.status).toBe(201);
    const { streamId } = (await response.json()) as { streamId: string };
    return { streamId, answer: `${url}/answers/${streamId}` };
  }

  test('resumes an answer without a gap and without repetition', async () => {
    const { streamId, answer } = await start(MODEL);
    const first = await follow(answer, { headers: alice, leaveAfterBytes: 2000 });
    expect(first).toMatchObject({ end: 'left', isDone: false });
    const rest = await followToTheEnd(answer, { headers: alice, lastEventId: first.lastEventId });

    const received = Buffer.concat([first.frames, rest]);
    expect(received.equals(await bed.storedLog(streamId))).toBe(true);
    const { text, status } = checkWholeLog(received);
    expect([status, countDeltas(text, CHARS)]).toEqual(['completed', 200]);
  });

  test('stops an answer', async () => {
    const { answer } = await start(ENDLESS);
    const reading = follow(answer, { headers: alice });
    const cancelled = await fetch(answer, { method: 'DELETE', headers: alice });
    expect(await cancelled.json()).toMatchObject({ status: 'cancelled' });
    const { end, isDone, frames } = await reading;
    expect([end, isDone, checkWholeLog(frames).status]).toEqual(['clean', true, 'cancelled']);
  });

  test('refuses unknown callers, and other people’s streams', async () => {
    const { answer } = await start(ENDLESS);
    expect((await fetch(answer)).status).toBe(401);
    expect((await fetch(answer, { headers: { 'x-api-key': '__proto__' } })).status).toBe(401);
    expect((await fetch(answer, { headers: bob })).status).toBe(404);
    expect((await fetch(answer, { method: 'DELETE', headers: bob })).status).toBe(404);
    expect((await fetch(answer, { method: 'DELETE', headers: alice })).status).toBe(200);
  });

  test('cuts the response when the sidecar dies, and reports a sidecar that is not reachable', async () => {
    const { answer } = await start(ENDLESS);
    const reading = follow(answer, { headers: alice });
    await follow(answer, { headers: alice, leaveAfterBytes: 500 }); // gives the first reader time to begin
    await sidecar.kill('SIGKILL');
    expect(await reading).toMatchObject({ end: 'cut', isDone: false });
    expect((await fetch(answer, { headers: alice })).status).toBe(502);
    await sidecar.restart();
    expect((await fetch(answer, { method: 'DELETE', headers: alice })).status).toBe(200);
  });
});

describe('the caller in Python', { timeout: 60_000 }, () => {
  function run(...args: string[]) {
    const child = spawn('python3', [example('client.py'), ...args], {
      env: { ...process.env, SIDECAR_URL: sidecar.url, SIDECAR_SECRET: SECRET },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { text: '', said: '' };
    child.stdout.setEncoding('utf8').on('data', (piece: string) => (output.text += piece));
    child.stderr.setEncoding('utf8').on('data', (piece: string) => (output.said += piece));
    const ended = once(child, 'close').then(([code]) => ({ ...output, code: code as number | null }));
    return { output, ended };
  }

  test('starts an answer, follows it, loses the connection and resumes', async () => {
    const { code, text, said } = await run('Hello', '--model', MODEL, '--lose-after', '40').ended;
    expect(said).toMatch(
      /lost the connection after \S+-\d+\n\ncompleted, \d+ bytes\nreceived exactly, by length and SHA-256\n$/,
    );
    expect([code, countDeltas(text, CHARS)]).toEqual([0, 200]);
  });

  test('goes on when the sidecar is killed and comes back', async () => {
    const { output, ended } = run('Hello', '--model', MODEL);
    await expect.poll(() => output.text.length, { timeout: 10_000 }).toBeGreaterThan(20 * CHARS);
    await sidecar.restart();
    const { code, text, said } = await ended;
    expect(said).toMatch(/completed, \d+ bytes\nreceived exactly, by length and SHA-256\n$/);
    expect([code, countDeltas(text, CHARS)]).toEqual([0, 200]);
  });

  test('stops an answer, and keeps the text written so far', async () => {
    const { code, text, said } = await run('Hello', '--model', ENDLESS, '--cancel-after', '20').ended;
    expect(said).toMatch(/cancelled, \d+ bytes\nreceived exactly/);
    expect(code).toBe(0);
    expect(countDeltas(text, CHARS)).toBeGreaterThan(5);
  });
});
