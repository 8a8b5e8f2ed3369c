import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { createLane } from '../../sidecar/chats/lane.ts';
import { createSearch } from '../../sidecar/chats/search/search-chats.ts';
import { createLog } from '../../sidecar/log.ts';
import { createRedisChatStore } from '../../sidecar/store/chats/redis-chat-store.ts';
import { connectRedis } from '../../sidecar/store/redis/redis-connection.ts';
import type { StoredMessage } from '../../shared/chat/messages.ts';

/**
 * Measures how long a search through many chats takes, and how long another command waits in Redis meanwhile.
 *
 *     node scripts/measure/search.ts [chats] [messages per chat] [port for the Redis server that this script starts]
 *
 * Each chat has 20 KB of invented words. Some are common and many are rare, as in a natural language.
 */
const CHAT_CHARS = 20_000;
const ROUNDS = 7;
const [chatCount = 2000, messageCount = 10, port = 17_999] = process.argv.slice(2).map(Number);

const server = spawn('redis-server', ['--port', String(port), '--save', '', '--bind', '127.0.0.1'], {
  stdio: 'ignore',
});
await sleep(700);
const redis = await connectRedis({
  settings: { address: { url: `redis://127.0.0.1:${port}` }, leaseMs: 5000 },
  log: createLog({ level: 'silent' }),
});
const chats = createRedisChatStore({ redis, ttlMs: 3_600_000 });
const search = createSearch({ chats, lane: createLane({ width: 2 }) });
const USER = 'measured';

let seed = 42;
const random = () => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
const SYLLABLES = 'ka re mo ti des lun er str ing po na vel or shi ta be con ex pro al'.split(' ');
const inventWord = () =>
  Array.from({ length: 1 + Math.floor(random() * 4) }, () => SYLLABLES[Math.floor(random() * SYLLABLES.length)]).join(
    '',
  );
const WORDS = Array.from({ length: 20_000 }, inventWord);
/** A random word. The tenth word of the list comes about a seventh as often as the first. */
const word = () => WORDS[Math.floor(WORDS.length ** random()) - 1]!;

function text(chars: number): string {
  let written = '';
  while (written.length < chars) written += word() + (random() < 0.08 ? '.\n' : ' ');
  return written;
}

const MARK = 'xyzzyneedle';
const marked = Math.floor(chatCount / 3);
for (let chat = 0; chat < chatCount; chat++) {
  const messages = Array.from({ length: messageCount }, (_, i): StoredMessage => ({
    id: `m${i}`,
    role: i % 2 === 0 ? 'user' : 'assistant',
    // Answers are nine times as long as questions.
    parts: [{ type: 'text', text: text((CHAT_CHARS / messageCount) * (i % 2 === 0 ? 0.2 : 1.8)) }],
    parentId: i === 0 ? null : `m${i - 1}`,
    createdAt: '',
  }));
  if (chat === marked) messages[0]!.parts.push({ type: 'text', text: MARK });
  await chats.point({
    userId: USER,
    chatId: `c${chat}`,
    seen: null,
    streamId: 's',
    title: text(30),
    instructions: undefined,
    messages,
  });
}
const memory = /used_memory:(\d+)/.exec(String(await redis.commands.info('memory')))?.[1];
console.log(`${chatCount} chats of ${messageCount} messages: ${(Number(memory) / 1e6).toFixed(0)} MB in Redis`);

/** Milliseconds of CPU time that Redis and this process have used. Other load on the machine hardly changes CPU time. */
async function cpuMs(): Promise<{ redis: number; own: number }> {
  const info = String(await redis.commands.info('cpu'));
  const seconds = (name: string) => Number(new RegExp(`used_cpu_${name}:([\\d.]+)`).exec(info)?.[1]);
  const { user, system } = process.cpuUsage();
  return { redis: 1000 * (seconds('user') + seconds('sys')), own: (user + system) / 1000 };
}

/** Runs `work`, and sends one GET after another to Redis meanwhile. Returns the duration of `work` and the longest wait for a GET. */
async function beside(work: () => Promise<unknown>): Promise<{ ms: number; longestMs: number }> {
  let isRunning = true;
  let longestMs = 0;
  const probe = (async () => {
    while (isRunning) {
      const from = performance.now();
      await redis.commands.get('nothing');
      longestMs = Math.max(longestMs, performance.now() - from);
      await sleep(1);
    }
  })();
  const from = performance.now();
  await work();
  const ms = performance.now() - from;
  isRunning = false;
  await probe;
  return { ms, longestMs };
}

for (const [what, q] of [
  ['in one message', MARK],
  ['nowhere', 'absentword'],
  ['a common word', WORDS[3]!],
  ['a rare word', WORDS[15_000]!],
  ['a rare and a common word', `${WORDS[15_000]} ${WORDS[3]}`],
  ['three words, one nowhere', `${WORDS[3]} ${WORDS[5]} absentword`],
] as const) {
  const times: number[] = [];
  let longestMs = 0;
  let found = 0;
  const before = await cpuMs();
  for (let round = 0; round < ROUNDS; round++) {
    const result = await beside(async () => (found = (await search(USER, { q, limit: 20 })).hits.length));
    times.push(result.ms);
    longestMs = Math.max(longestMs, result.longestMs);
  }
  times.sort((a, b) => a - b);
  const after = await cpuMs();
  const perSearch = (used: number) => `${(used / ROUNDS).toFixed(0)} ms`;
  const median = times[Math.floor(ROUNDS / 2)]!.toFixed(0);
  console.log(
    `${what}: ${found} found, median ${median} ms, at most ${times.at(-1)!.toFixed(0)} ms; a GET waited up to ${longestMs.toFixed(0)} ms; ` +
      `processor per search: Redis ${perSearch(after.redis - before.redis)}, sidecar ${perSearch(after.own - before.own)}`,
  );
}
redis.close();
server.kill();
