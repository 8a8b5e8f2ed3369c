import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Chat } from '../../shared/chat/chat.ts';
import { startBalancer } from '../../deploy/testing/balancer.ts';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { openFeed, type FeedReader } from '../../testing/feed-reader.ts';
import { followLoyally } from '../../testing/loyal-reader.ts';
import { openRoom } from '../../testing/room.ts';
import { openTestBed, type SidecarProcess, type TestBed } from '../../testing/test-bed.ts';
import { pause, until } from '../shared/wait.ts';

/**
 * Measures what a room (a chat with several people) costs, and checks that the room survives when a sidecar is killed.
 *
 *     node scripts/measure/room.ts [people] [seconds of each measurement] [configuration of nginx]
 *
 * Starts a Redis server and two sidecars, with half of the people at each. Counts Redis commands (INFO commandstats, which
 * includes those inside of scripts) and the CPU time of the sidecars: without a room, with an idle room, and while people talk.
 * Then kills one sidecar in the middle of an answer. With a configuration of nginx, such as deploy/nginx-local.conf, everybody
 * connects to an nginx in front of the two sidecars.
 */
const [people = 50, seconds = 30] = process.argv.slice(2, 4).map(Number);
const nginxConfig = process.argv[4];

const bed = await openTestBed({ env: { LEASE_MS: '5000', MAX_MEMBERS: '0' } });
const sidecars = await Promise.all([bed.spawn(), bed.spawn()]);
const balancer = nginxConfig ? await startBalancer(readFileSync(nginxConfig, 'utf8'), sidecars) : null;
try {
  await measure(sidecars);
} finally {
  await balancer?.stop();
  await bed.close();
}

async function measure([survivor, victim]: SidecarProcess[]): Promise<void> {
  const owner = await createCaller(survivor!);
  const chatId = newId('chat');
  await owner.untilEnded(await owner.startStream({ chatId, modelId: 'synthetic/2x20@0' }));
  // A sidecar writes its usage counts to Redis up to 5 s after the answer. This write must not fall into the measurement.
  await pause(7000);
  const empty = await during('two sidecars without a room', () => pause(seconds * 1000));

  const members = await Promise.all(
    Array.from({ length: people - 1 }, async (_, i) => ({
      caller: await createCaller(survivor!),
      name: `P${String(i + 1).padStart(3, '0')}`,
    })),
  );
  const ref = await openRoom(owner, chatId, members, 'Ann');
  const everybody = [{ caller: owner, name: 'Ann', ref: chatId }, ...members.map((member) => ({ ...member, ref }))];
  const isAtVictim = (i: number) => i % 2 === 1;
  const at = (caller: Caller, i: number) => caller.at(balancer ?? (isAtVictim(i) ? victim! : survivor!));
  const pages: FeedReader[] = everybody.map((person, i) =>
    openFeed(at(person.caller, i), person.ref, { tab: `t${i}` }),
  );
  await Promise.all(pages.map((page) => page.until(({ here }) => here.length === people)));
  await pause(7000);
  const idle = await during(`an idle room of ${people}`, () => pause(seconds * 1000));
  compare(idle, empty);

  const busy = await during(`the same room, 2 say something each second and 5 type`, async () => {
    for (let second = 0; second < seconds; second++) {
      await Promise.all([
        ...[0, 1].map((n) => {
          const { caller, ref: chat } = everybody[(2 * second + n) % people]!;
          return caller.call('POST', `/chats/${chat}/say`, { body: { messageId: newId('s'), text: 'Hello' } });
        }),
        ...[0, 1, 2, 3, 4].map((i) => {
          const { caller, ref: chat } = everybody[i]!;
          return caller.call('POST', `/chats/${chat}/presence`, { body: { tab: `t${i}`, typing: true } });
        }),
        pause(1000),
      ]);
    }
  });
  compare(busy, empty);

  const { body } = await members[0]!.caller.at(victim!).start({
    chatId: ref,
    messageId: newId('a'),
    modelId: 'synthetic/400x20@50',
    text: 'Hello',
  });
  const readers = everybody.map(({ caller }, i) =>
    followLoyally([at(caller, i), balancer ? caller.at(balancer) : caller], body.streamId),
  );
  await pause(3000);
  // The kill of `victim` below cuts the feeds of the pages that are connected to `victim`. Every tenth person closes their page at
  // that moment. The other pages open their feeds again.
  const gone = new Set(everybody.flatMap((_person, i) => (i % 10 === 1 ? [i] : [])));
  const reopen = (i: number) =>
    void pages[i]!.reader.ended.then(async () => {
      if (gone.has(i)) return;
      await pause(50);
      const { caller, ref: chat } = everybody[i]!;
      const again = balancer ? caller.at(balancer) : caller;
      pages[i] = openFeed(again, chat, { tab: `t${i}`, lastEventId: pages[i]!.lastId });
      reopen(i);
    });
  everybody.forEach((_person, i) => reopen(i));
  await victim!.kill('SIGKILL');
  const killedAt = performance.now();
  for (const i of gone) pages[i]!.leave();
  const here = () => pages.filter((_page, i) => !gone.has(i));
  const isRight = (page: FeedReader) => page.here.length === people - gone.size;
  await until(async () => here().every(isRight), { everyMs: 100, signal: AbortSignal.timeout(60_000) });
  console.log(
    `killed a sidecar: ${((performance.now() - killedAt) / 1000).toFixed(1)} s later, ` +
      `${here().filter(isRight).length} pages showed the ${people - gone.size} people who remained`,
  );
  const logs = await Promise.all(readers.map(async ({ finished }) => (await finished).log));
  const { sha256 } = await owner.untilEnded(body.streamId, { withinMs: 60_000 });
  const shas = new Set(logs.map((log) => createHash('sha256').update(log).digest('hex')));
  const same = shas.size === 1 && shas.has(sha256!);
  console.log(
    `${logs.length} readers, ${logs[0]!.length} bytes each, ${same ? 'all with the SHA-256 of the log' : 'NOT THE SAME'}`,
  );
  const { room } = (await owner.call<Chat>('GET', `/chats/${chatId}`)).body;
  const knows = ({ changes }: FeedReader) => changes.at(-1)?.v === room!.v;
  await until(async () => here().every(knows), { everyMs: 100, signal: AbortSignal.timeout(60_000) });
  console.log(`${here().filter(knows).length} pages know version ${room!.v}`);
}

interface Cost {
  what: string;
  /** Calls per second, by the name of the command. */
  commands: Map<string, number>;
  /** CPU seconds per second, both sidecars together. */
  cpu: number;
}

async function during(what: string, run: () => Promise<unknown>): Promise<Cost> {
  const [commandsBefore, cpuBefore, begunAt] = [await commandsIn(bed), cpuOf(sidecars), performance.now()];
  await run();
  const passed = (performance.now() - begunAt) / 1000;
  const commands = new Map<string, number>();
  for (const [name, calls] of await commandsIn(bed))
    commands.set(name, (calls - (commandsBefore.get(name) ?? 0)) / passed);
  const cpu = (cpuOf(sidecars) - cpuBefore) / passed;
  console.log(`${what}: ${sum(commands).toFixed(2)} commands a second, ${(100 * cpu).toFixed(1)} % of one core`);
  return { what, commands, cpu };
}

function compare(cost: Cost, empty: Cost): void {
  const more = new Map(
    [...cost.commands].map(([name, calls]) => [name, (calls - (empty.commands.get(name) ?? 0)) / 2]),
  );
  const parts = [...more]
    .filter(([, calls]) => Math.abs(calls) >= 0.02)
    .map(([name, calls]) => `${name} ${calls.toFixed(2)}`);
  console.log(`  more than without a room: ${sum(more).toFixed(2)} commands/s at each sidecar (${parts.join(', ')})`);
}

function sum(figures: ReadonlyMap<string, number>): number {
  return [...figures.values()].reduce((all, one) => all + one, 0);
}

async function commandsIn({ db }: TestBed): Promise<Map<string, number>> {
  const info = await db.info('commandstats');
  const found = [...info.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)].map(
    ([, name, calls]) => [name!, Number(calls)] as const,
  );
  // Leaves out INFO, because only this measurement sends it.
  return new Map(found.filter(([name]) => name !== 'info'));
}

/** CPU seconds that these processes have used. */
function cpuOf(processes: readonly SidecarProcess[]): number {
  return processes.reduce((all, { pid }) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return all + (Number(fields[11]) + Number(fields[12])) / 100;
  }, 0);
}
