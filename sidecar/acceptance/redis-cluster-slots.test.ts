import { createClient } from 'redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keySlot } from '../store/redis/key-slot.ts';
import { useRoom } from '../http/testing/open-room.ts';
import { createCaller, newId } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { followLoyally } from '../../testing/loyal-reader.ts';
import { startRedisCluster, type TestCluster } from '../../testing/redis-cluster.ts';
import { openTestBed, type TestBed } from '../../testing/test-bed.ts';

let cluster: TestCluster;
let bed: TestBed;
beforeAll(async () => {
  cluster = await startRedisCluster();
  const limits = { MAX_ACTIVE_STREAMS_PER_USER: '1000', MAX_STARTS_PER_MINUTE: '1000', MAX_STREAMS: '1000' };
  bed = await openTestBed({ env: { ...limits, REDIS_CLUSTER_NODES: cluster.addresses, LEASE_MS: '3000' } });
}, 60_000);
afterAll(async () => {
  await bed.close();
  await cluster.stop();
});

/** A command in the output of MONITOR. */
interface Seen {
  /** The address of a connection, or `lua` for a command inside a script. */
  by: string;
  words: string[];
}

const LINE = /^[\d.]+ \[\d+ (\S+)\] /;
const WORD = /"((?:[^"\\]|\\.)*)"/g;

const parseLine = (line: string): Seen => ({
  by: LINE.exec(line)?.[1] ?? '',
  words: [...line.matchAll(WORD)].map(([, word]) => word!),
});

/** Records all commands that reach a master, in order. */
async function watch(url: string): Promise<{ seen: Seen[]; stop(): void }> {
  const client = createClient({ url });
  client.on('error', () => {
    /* if commands are missed, the assertions fail */
  });
  await client.connect();
  const seen: Seen[] = [];
  await client.monitor((line) => void seen.push(parseLine(String(line))));
  return { seen, stop: () => client.destroy() };
}

/** The keys and channels of a command. */
function keysOf([name, ...args]: readonly string[]): string[] {
  switch (name?.toUpperCase()) {
    case 'TIME':
    case 'MULTI':
    case 'EXEC':
      return [];
    case 'DEL':
    case 'EXISTS':
    case 'UNLINK':
      return args;
    case 'EVAL':
    case 'EVALSHA':
      return args.slice(2, 2 + Number(args[1]));
    default:
      return args.slice(0, 1);
  }
}

interface Findings {
  scripts: number;
  transactions: number;
  /** The keys of each script or transaction with keys in more than one slot. A script without keys counts, too. */
  crossing: string[];
  /** Keys that a script touched without declaring them. A channel in the slot of the script's keys need not be declared. */
  undeclared: string[];
}

function examine(seen: readonly Seen[]): Findings {
  const findings: Findings = { scripts: 0, transactions: 0, crossing: [], undeclared: [] };
  const isCrossing = (keys: readonly string[]) => new Set(keys.map(keySlot)).size > 1;
  const transactions = new Map<string, string[]>();
  let declared: string[] = [];
  for (const { by, words } of seen) {
    const command = words[0]?.toUpperCase() ?? '';
    const keys = keysOf(words);
    if (by === 'lua') {
      const isAllowed = (key: string) =>
        declared.includes(key) || (command === 'SPUBLISH' && keySlot(key) === keySlot(declared[0]!));
      findings.undeclared.push(...keys.filter((key) => !isAllowed(key)).map((key) => `${command} ${key}`));
      continue;
    }
    if (command === 'EVALSHA' || command === 'EVAL') {
      declared = keys;
      findings.scripts += 1;
      if (keys.length === 0 || isCrossing(keys)) findings.crossing.push(keys.join(' '));
    }
    if (command === 'MULTI') transactions.set(by, []);
    transactions.get(by)?.push(...keys);
    if (command === 'EXEC') {
      findings.transactions += 1;
      if (isCrossing(transactions.get(by) ?? [])) findings.crossing.push(transactions.get(by)!.join(' '));
      transactions.delete(by);
    }
  }
  return findings;
}

test('no request causes a script or transaction with keys in several slots, or a script that touches undeclared keys', async () => {
  const watches = await Promise.all(cluster.nodes.map(({ redis }) => watch(redis.url)));
  const sidecars = await Promise.all([bed.start(), bed.start()]);
  const caller = await createCaller(sidecars[0]!, { isAdmin: true });
  const other = caller.at(sidecars[1]!);

  const chatIds = Array.from({ length: 12 }, () => newId('c'));
  // The stream of the first chat is cancelled below, so it must not end by itself before that.
  const start = (chatId: string) => ({
    chatId,
    messageId: 'm',
    modelId: `synthetic/${chatId === chatIds[0] ? 6000 : 60}x20@60`,
  });
  const ids = await Promise.all(chatIds.map((chatId) => caller.startStream(start(chatId))));
  await Promise.all(chatIds.map((chatId) => other.start(start(chatId))));
  const readers = ids.map((streamId) => followLoyally([other], streamId));
  await other.call('GET', '/streams');
  expect((await other.cancel(ids[0]!)).body.status).toBe('cancelled');
  await sidecars[0]!.stop(); // hands its streams over
  await Promise.all(readers.slice(1).map(({ finished }) => finished));
  for (const streamId of ids) await other.state(streamId);
  await other.call('PATCH', `/chats/${chatIds[1]}`, { body: { title: 'Another name' } });
  await useRoom(other, chatIds[3]!);
  await other.call('GET', '/chats');
  await other.chat(chatIds[1]!);
  await other.call('DELETE', `/chats/${chatIds[2]}`);
  await other.cleanup('expired');
  await other.cleanup('force');
  await eventually('each master has received the commands of a cleanup', () =>
    watches.every(({ seen }) => seen.some(({ words }) => words[0]?.toUpperCase() === 'SCAN')),
  );
  for (const { stop } of watches) stop();

  const all = watches.map(({ seen }) => examine(seen));
  for (const { scripts, crossing, undeclared } of all) {
    expect(scripts).toBeGreaterThan(50);
    expect(crossing).toEqual([]);
    expect(undeclared).toEqual([]);
  }
  const isBell = ({ by, words }: Seen) => by === 'lua' && words[0]?.toUpperCase() === 'SPUBLISH';
  expect(watches.some(({ seen }) => seen.some(isBell))).toBe(true);
}, 60_000);
