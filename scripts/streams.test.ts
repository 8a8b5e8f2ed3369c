import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCaller, type Caller } from '../testing/caller.ts';
import { openTestBed, type SidecarProcess, type TestBed } from '../testing/test-bed.ts';
import { SECRET } from '../testing/tokens.ts';
import { countDeltas } from '../testing/whole-log.ts';
import { inRoot } from './shared/paths.ts';
import { freePort } from './launch/ports.ts';

const CHARS = 20;
const ENDLESS = `synthetic/20000x${CHARS}@50`;

let bed: TestBed;
let sidecar: SidecarProcess;
let alice: Caller;
beforeAll(async () => {
  bed = await openTestBed();
  sidecar = await bed.spawn();
  alice = await createCaller(sidecar);
});
afterAll(() => bed.close());

/** `npm run streams -- …`, in a process of its own. */
function streams(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [inRoot('scripts/streams.ts'), ...args], {
    env: { ...process.env, SIDECAR_URL: sidecar.url, SIDECAR_SECRET: SECRET, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.err += text));
  const ended = once(child, 'close').then(([code]) => ({ ...output, code: code as number | null }));
  return { child, output, ended };
}
const run = (...args: string[]) => streams(args).ended;

describe('npm run streams', { timeout: 60_000 }, () => {
  test("lists, shows and cancels another user's stream", async () => {
    expect(await run('list')).toMatchObject({ code: 0, out: 'No answer is being written.\n' });
    const streamId = await alice.startStream({ modelId: ENDLESS });

    const list = await run('list');
    expect(list.out).toMatch(new RegExp(`^STREAM.*\\n${streamId} +${alice.userId} .*${ENDLESS}`));
    const [listed] = JSON.parse((await run('list', '--json')).out) as { streamId: string }[];
    expect(listed!.streamId).toBe(streamId);

    const shown = await run('show', streamId);
    expect(shown.out).toMatch(/^status +active$/m);
    expect(shown.out).toMatch(new RegExp(`^user +${alice.userId}$`, 'm'));
    const [listening] = sidecar.log.of('sidecar.listening');
    expect(listening!.owner).toMatch(/^[0-9a-f-]{36}$/);
    expect(shown.out).toMatch(new RegExp(`^owner +${String(listening!.owner)}$`, 'm'));
    expect(shown.out).toMatch(/^readers +0$/m);

    const cancelled = await run('cancel', streamId);
    expect(cancelled).toMatchObject({ code: 0, out: expect.stringMatching(/ is cancelled, after \S+-\d+\n$/) });
    expect((await alice.state(streamId)).status).toBe('cancelled');
  });

  test('follows an answer to its end although the sidecar is killed meanwhile', async () => {
    const streamId = await alice.startStream({ modelId: `synthetic/150x${CHARS}@50` });
    const { output, ended } = streams(['tail', streamId]);
    await expect.poll(() => output.out.length, { timeout: 10_000 }).toBeGreaterThan(10 * CHARS);
    await sidecar.restart();
    const { code, out, err } = await ended;
    const [recovered] = sidecar.log.of('stream.recovered', streamId);
    expect(recovered!.owner).toBe(sidecar.log.of('sidecar.listening').at(-1)!.owner);
    expect(err).toContain('the connection was cut');
    expect(err).toMatch(/completed, \d+ bytes\n$/);
    expect([code, countDeltas(out.trimEnd(), CHARS)]).toEqual([0, 150]);
  });

  test('ends without an error when the program that reads its output stops reading', async () => {
    const streamId = await alice.startStream({ modelId: ENDLESS });
    const { child, output, ended } = streams(['tail', streamId]);
    await expect.poll(() => output.out.length, { timeout: 10_000 }).toBeGreaterThan(CHARS);
    child.stdout.destroy();
    expect(await ended).toMatchObject({ code: 0, err: '' });
    await alice.cancel(streamId);
  });

  test('stops reading at Ctrl-C, and the answer goes on', async () => {
    const streamId = await alice.startStream({ modelId: ENDLESS });
    const { child, output, ended } = streams(['tail', streamId]);
    await expect.poll(() => output.out.length, { timeout: 10_000 }).toBeGreaterThan(CHARS);
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect((await alice.state(streamId)).status).toBe('active');
    await alice.cancel(streamId);
  });

  test('cleanup keeps ended streams that have not expired, and with --force removes them, too', async () => {
    const streamId = await alice.startStream({ modelId: `synthetic/2x${CHARS}@0` });
    await alice.untilEnded(streamId);
    expect((await run('cleanup')).out).toMatch(/^\d+ streams looked at, 0 removed, /);
    expect((await run('cleanup', '--force', '--yes')).out).toMatch(/^\d+ streams looked at, [1-9]\d* removed, /);
    const gone = await run('show', streamId);
    expect(gone).toMatchObject({ code: 1, err: expect.stringContaining('(not_found)') });
    expect(gone.err).toContain('STREAM_TTL_SECONDS');
    expect(gone.err).not.toContain('yours');
  });

  test('prints its usage for --help, and does nothing else', async () => {
    for (const args of [['--help'], ['-h'], ['show', '--help']])
      expect(await run(...args)).toEqual({ code: 0, err: '', out: expect.stringMatching(/^Usage: npm run streams/) });
  });

  test('says what is wrong, and exits with 1', async () => {
    const nobody = await streams(['list'], { SIDECAR_URL: `http://127.0.0.1:${await freePort()}` }).ended;
    expect(nobody).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(/^No sidecar answers at \S+ \(ECONNREFUSED\)/),
    });
    const stranger = await streams(['list'], { SIDECAR_SECRET: 'another-secret-altogether' }).ended;
    expect(stranger).toMatchObject({ code: 1, err: expect.stringContaining('SIDECAR_SECRET') });
    for (const args of [[], ['show'], ['list', 'x'], ['--wrong']])
      expect(await run(...args)).toMatchObject({ code: 1, err: expect.stringContaining('Usage: npm run streams') });
    expect((await run('delete')).err).toContain('There is no command "delete". The commands are: list, show');
    // Without a terminal, the command cannot ask for confirmation, so nothing is removed.
    expect(await run('cleanup', '--force')).toMatchObject({ code: 1, out: '', err: expect.stringContaining('--yes') });
  });
});
