import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { inRoot } from '../../scripts/shared/paths.ts';
import { freePort } from '../../scripts/launch/ports.ts';
import { useRoom } from '../http/testing/open-room.ts';
import { createCaller, newId } from '../../testing/caller.ts';
import { makeCertificates, type Certificates } from '../../testing/certificates.ts';
import { eventually } from '../../testing/eventually.ts';
import { readFigures } from '../../testing/figures.ts';
import { followLoyally } from '../../testing/loyal-reader.ts';
import { openTestBed, type SidecarProcess, type TestBed } from '../../testing/test-bed.ts';
import { checkWholeLog, countDeltas } from '../../testing/whole-log.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const PASSWORD = 'p@ss:w/rd';
/** The Redis user and its rights, as docs/security.md gives them. */
const ACL = /^redis-cli ACL SETUSER (rejoin .*)$/m.exec(readFileSync(inRoot('docs/security.md'), 'utf8'))![1]!;

let dir: string;
let certificates: Certificates;
let tlsPort: number;
let bed: TestBed;
let sidecars: [SidecarProcess, SidecarProcess];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'rejoin-tls-'));
  certificates = makeCertificates(dir);
  tlsPort = await freePort();
  const { ca, cert, key } = certificates;
  bed = await openTestBed({
    redisArgs: ['--tls-port', String(tlsPort), '--tls-auth-clients', 'no'].concat([
      '--tls-ca-cert-file',
      ca,
      '--tls-cert-file',
      cert,
      '--tls-key-file',
      key,
    ]),
  });
  const rules = ACL.split(' ').map((rule) => rule.replaceAll("'", '').replace(/^>.*/, `>${PASSWORD}`));
  await bed.db.sendCommand(['ACL', 'SETUSER', ...rules]);
  sidecars = [await bed.spawn(overTls()), await bed.spawn(overTls())];
});
afterAll(async () => {
  await bed.close();
  rmSync(dir, { recursive: true, force: true });
});

const urlOf = (password: string) => `rediss://rejoin:${encodeURIComponent(password)}@127.0.0.1:${tlsPort}`;
const overTls = () => ({ REDIS_URL: urlOf(PASSWORD), NODE_EXTRA_CA_CERTS: certificates.ca });

/** The commands that Redis refused to the user since the ACL log was last reset. Resets the log. */
async function refusals(): Promise<string[]> {
  const entries = (await bed.db.sendCommand(['ACL', 'LOG'])) as unknown[][];
  await bed.db.sendCommand(['ACL', 'LOG', 'RESET']);
  // The client also sends CLIENT SETINFO. Newer servers refuse it to this user, which does no harm.
  return entries.map((entry) => entry.slice(0, 10).join(' ')).filter((entry) => !/client\|setinfo/i.test(entry));
}

describe('over TLS, as a Redis user with no more rights than docs/security.md lists', () => {
  test('answers are started, followed, stopped, taken over, queued, forked and cleaned up; rooms and templates work', async () => {
    await bed.db.sendCommand(['ACL', 'LOG', 'RESET']);
    const [writer, other] = sidecars;
    const caller = await createCaller(writer);
    const chatId = newId('chat');
    const streamId = await caller.startStream({ chatId, modelId: 'synthetic/60x20@60' });
    // The other sidecar learns of each append by a notification, so the test also needs the rights to publish and subscribe.
    const { text, log } = await followLoyally([caller.at(other)], streamId).finished;
    expect(countDeltas(text, 20)).toBe(60);
    expect(checkWholeLog(log).status).toBe('completed');
    expect((await caller.chat(chatId)).messages).toHaveLength(2);
    expect((await caller.call('PATCH', `/chats/${chatId}`, { body: { title: 'Renamed' } })).status).toBe(200);

    const stopped = await caller.startStream({ modelId: 'synthetic/6000x20@10' });
    expect((await caller.at(other).cancel(stopped)).body.status).toBe('cancelled');

    const taken = await caller.startStream({ modelId: 'synthetic/60x20@30' });
    await eventually('some of the answer is stored', async () => (await caller.state(taken)).bytes > 600);
    await writer.kill('SIGKILL');
    const here = caller.at(other);
    expect((await here.untilEnded(taken, { withinMs: 30_000 })).status).toBe('completed');

    const written = await here.startStream({ chatId, modelId: 'synthetic/6000x20@10' });
    for (const messageId of ['next', 'later'])
      expect((await here.start({ chatId, messageId, modelId: 'synthetic/2x20@0', whenBusy: 'queue' })).status).toBe(
        202,
      );
    expect((await here.call('PATCH', `/chats/${chatId}/queue/later`, { body: { place: 1 } })).status).toBe(200);
    expect((await here.call('DELETE', `/chats/${chatId}/queue/later`)).status).toBe(200);
    await here.cancel(written);
    const resumed = { body: { action: 'resume' } };
    await eventually('the turn that waited has begun', async () => {
      await here.call('POST', `/chats/${chatId}/queue`, resumed);
      return (await here.chat(chatId)).messages.some(({ id }) => id === 'next');
    });
    const messageId = (await here.chat(chatId)).messages[0]!.id;
    const branch = { body: { forkId: 'branch', messageId } };
    expect((await here.call('POST', `/chats/${chatId}/forks`, branch)).status).toBe(201);
    await useRoom(here, chatId);
    const template = { body: { id: 't', name: 'T', command: 't', message: 'Hello' } };
    expect((await here.call('POST', '/templates', template)).status).toBe(201);

    const admin = await createCaller(other, { isAdmin: true });
    expect((await admin.call('GET', '/streams?all=1')).status).toBe(200);
    expect((await admin.cleanup()).status).toBe(200);
    expect((await here.cleanup('force')).body.removed).toBeGreaterThanOrEqual(3);
    expect((await here.call('DELETE', `/chats/${chatId}`)).status).toBe(204);
    expect((await here.call('DELETE', '/chats')).status).toBe(204);
    expect((await readFigures(other)).samples.length).toBeGreaterThan(10);
    await writer.restart();
    expect(await refusals()).toEqual([]);
  });

  test('the user cannot use keys, channels or commands that Rejoin does not need', async () => {
    const client = createClient({
      url: urlOf(PASSWORD),
      socket: { tls: true, ca: readFileSync(certificates.ca), reconnectStrategy: false },
    });
    client.on('error', () => {
      /* the failed command rejects with this error */
    });
    await client.connect();
    for (const command of [
      ['GET', 'somebody-elses'],
      ['SET', 'somebody-elses', '1'],
      ['EVAL', "return redis.call('GET', 'somebody-elses')", '0'],
      ['PUBLISH', 'news', '1'],
      ['KEYS', '*'],
      ['FLUSHALL'],
      ['CONFIG', 'GET', 'requirepass'],
      ['ACL', 'LIST'],
      ['CLIENT', 'LIST'],
      ['SHUTDOWN'],
    ]) {
      await expect(client.sendCommand(command), command.join(' ')).rejects.toThrow(/NOPERM|no permission|can't access/);
    }
    client.destroy();
    await bed.db.sendCommand(['ACL', 'LOG', 'RESET']);
  });
});

describe('a Redis', () => {
  test.each([
    { what: 'whose certificate is not trusted', env: () => ({ ...overTls(), NODE_EXTRA_CA_CERTS: '' }) },
    { what: 'that refuses the password', env: () => ({ ...overTls(), REDIS_URL: urlOf('wrong') }) },
  ])(
    '$what is not used: the sidecar is not ready, and logs that Redis is away, but does not log the password',
    async ({ env }) => {
      const refused = await bed.start({ ...env() });
      const caller = await createCaller(refused);
      expect((await caller.call('GET', '/healthz')).status).toBe(200);
      expect((await caller.call('GET', '/readyz')).status).toBe(503);
      expect((await caller.start({ modelId: 'synthetic/1x20@0' })).status).toBe(503);
      expect(refused.log.of('redis.away').length).toBeGreaterThan(0);
      expect(JSON.stringify(refused.log.all)).not.toMatch(/wrong|p@ss|p%40ss/);
    },
  );
});
