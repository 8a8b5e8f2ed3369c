import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openTestBed, type TestBed } from '../../testing/test-bed.ts';
import { SECRET } from '../../testing/tokens.ts';
import { freePort } from '../launch/ports.ts';
import type { Env } from '../shared/settings.ts';
import { examine } from './examine.ts';
import { findingLine } from './finding.ts';

let dataDir: string;
let bed: TestBed;
/** A model service that accepts only the key "good-key". One test uses it as a program that has taken Rejoin's port. */
let service: Server;
let serviceUrl: string;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'rejoin-doctor-'));
  bed = await openTestBed();
  service = createServer((request, response) => {
    const key = request.headers['x-goog-api-key'] ?? request.headers.authorization;
    response.writeHead(key === 'good-key' || key === 'Bearer good-key' ? 200 : 400).end('{}');
  }).listen(0, '127.0.0.1');
  await once(service, 'listening');
  serviceUrl = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
});
afterAll(async () => {
  service.close();
  await bed.close();
  rmSync(dataDir, { recursive: true, force: true });
});

/** The doctor's lines for a machine with these settings. If the settings name no ports, free ports are used. */
async function examined(settings: Env): Promise<string[]> {
  const ports = { PORT: String(await freePort()), SIDECAR_PORT: String(await freePort()) };
  const lines: string[] = [];
  for await (const finding of examine({ settings: { ...ports, REDIS_URL: inject('redisUrl'), ...settings }, dataDir }))
    lines.push(findingLine(finding));
  return lines;
}
const line = (lines: string[], subject: string): string | undefined =>
  lines.find((found) => found.slice(6).startsWith(subject.padEnd(16)));

test('on a machine on which only Redis runs, no check fails', async () => {
  const lines = await examined({});
  expect(lines.filter((found) => found.startsWith('fail'))).toEqual([]);
  expect(line(lines, 'Node')).toMatch(/v\d+/);
  expect(line(lines, 'Redis')).toMatch(/^ok .* at 127\.0\.0\.1:\d+$/);
  expect(line(lines, 'Models')).toMatch(/^note .*demo/);
  expect(line(lines, 'Signing in')).toMatch(/^note .*guest/);
  expect(line(lines, 'Sidecar')).toMatch(/^note .*is free → `npm start`/);
  expect(line(lines, 'App')).toMatch(/^note .*is free → `npm start`/);
});

test('the result of a check is reported before the next check runs', async () => {
  const looks = examine({ settings: { REDIS_URL: 'redis://192.0.2.1' }, dataDir });
  expect((await looks.next()).value).toMatchObject({ subject: 'Node' });
  await looks.return();
});

test('each wrong setting is named once', async () => {
  const lines = await examined({ LEASE_MS: 'soon', CLERK_SECRET_KEY: 'sk_test_x' });
  expect(lines.filter((found) => found.startsWith('fail  Settings'))).toEqual([
    expect.stringContaining('LEASE_MS'),
    expect.stringContaining('Clerk needs both'),
  ]);
});

test('the way of signing in is reported: Clerk without CLERK_JWT_KEY, Clerk with CLERK_JWT_KEY, or guests', async () => {
  const keys = { CLERK_PUBLISHABLE_KEY: `pk_test_${btoa('clerk.example.com$')}`, CLERK_SECRET_KEY: 'sk_test_x' };
  expect(line(await examined(keys), 'Signing in')).toMatch(/^note .*clerk\.example\.com.* → Set CLERK_JWT_KEY/);
  expect(line(await examined({ ...keys, CLERK_JWT_KEY: '-----BEGIN PUBLIC KEY-----\nx' }), 'Signing in')).toMatch(
    /^ok .*by Clerk/,
  );
  expect(line(await examined({ ALLOW_GUESTS: '1', HOST: '0.0.0.0' }), 'Signing in')).toMatch(
    /^warn .*everyone who reaches/,
  );
});

test('a model service is asked whether it accepts the key, and the key is not printed', async () => {
  const gemini = (key: string, url = serviceUrl) =>
    examined({ GOOGLE_GENERATIVE_AI_API_KEY: key, GOOGLE_BASE_URL: url });
  expect(line(await gemini('good-key'), 'Gemini')).toMatch(/^ok .*answers$/);
  expect(line(await gemini('bad-key'), 'Gemini')).toMatch(/^fail .*refuses the key.* → Correct GOOGLE_GENERATIVE_AI/);
  const nobody = await gemini('good-key', `http://127.0.0.1:${await freePort()}`);
  expect(line(nobody, 'Gemini')).toMatch(/^fail .*cannot be reached → Is GOOGLE_BASE_URL right/);
  const local = await examined({ OPENAI_COMPATIBLE_BASE_URL: serviceUrl, OPENAI_COMPATIBLE_API_KEY: 'good-key' });
  expect(line(local, 'Local models')).toMatch(/^ok /);
  expect(`${await gemini('bad-key')}`).not.toContain('bad-key');
});

test('the doctor checks whether a running sidecar is ready, and whether the sidecar accepts our tokens', async () => {
  const { url } = await bed.start();
  const lines = await examined({ SIDECAR_URL: url, SIDECAR_SECRET: SECRET });
  expect(line(lines, 'Sidecar')).toBe(`ok    Sidecar          ready at ${url}`);
  expect(line(lines, 'Sidecar secret')).toMatch(/^ok /);
  const stranger = await examined({ SIDECAR_URL: url, SIDECAR_SECRET: 'another-secret-altogether' });
  expect(line(stranger, 'Sidecar secret')).toMatch(/^fail .*refuses our token → .*SIDECAR_SECRET/);

  // Without SIDECAR_SECRET, the doctor uses the secret that `npm start` has generated.
  writeFileSync(join(dataDir, 'sidecar-secret'), `${SECRET}\n`);
  expect(line(await examined({ SIDECAR_URL: url }), 'Sidecar secret')).toMatch(/^ok /);
  rmSync(join(dataDir, 'sidecar-secret'));
});

test('a sidecar without Redis, and one that cannot reach its Redis, are reported', async () => {
  const memory = await bed.start({ REDIS_URL: '' });
  const lines = await examined({ SIDECAR_URL: memory.url, SIDECAR_SECRET: SECRET });
  expect(lines).toContain('warn  Sidecar          keeps answers in its memory only → Set REDIS_URL.');

  const cut = await bed.start({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
  const waiting = await examined({ SIDECAR_URL: cut.url, SIDECAR_SECRET: SECRET });
  expect(line(waiting, 'Sidecar')).toMatch(/^warn .*not ready: Redis cannot be reached: nothing listens on this port/);
});

test('a port that another program uses, and an address without a server, are reported', async () => {
  const taken = new URL(serviceUrl).port;
  expect(line(await examined({ PORT: taken }), 'App')).toMatch(/^fail .*something else answers .* → Set PORT/);
  const nobody = `http://127.0.0.1:${await freePort()}`;
  expect(line(await examined({ SIDECAR_URL: nobody }), 'Sidecar')).toMatch(/^fail .*no server answers .*SIDECAR_URL/);
});

test('the password in REDIS_URL is not printed', async () => {
  const lines = await examined({ REDIS_URL: `redis://someone:hush-hush@127.0.0.1:${await freePort()}` });
  expect(line(lines, 'Redis')).toMatch(/^fail .*127\.0\.0\.1:\d+ cannot be reached/);
  expect(lines.join('\n')).not.toContain('hush-hush');
});
