import { parseArgs } from 'node:util';
import { openTestBed, type TestBed } from '../../testing/test-bed.ts';
import { createCaller, type Caller } from '../../testing/caller.ts';
import { pause } from '../shared/wait.ts';
import { startProseModel, type ProseModel } from './prose-model.ts';

/**
 * Measures what answers and chats cost in Redis.
 *
 *     node scripts/measure/stored.ts [answer] [chat] [start]
 *
 * `answer`: the memory of one answer. `chat`: the memory of a long chat. `start`: the time that a start takes, and the bytes
 * that are sent to Redis for the started answer. Without arguments, all three are measured. Each measurement starts a
 * Redis server, a sidecar and a model server that answers with English prose, and stops them at the end.
 */
const STARTS = 20;

interface Bench {
  bed: TestBed;
  model: ProseModel;
  person: Caller;
}

async function inBench(measure: (bench: Bench) => Promise<void>): Promise<void> {
  const model = await startProseModel();
  const bed = await openTestBed({
    env: { OPENAI_COMPATIBLE_BASE_URL: model.url, ALLOW_UNLISTED_MODELS: '1', LEASE_MS: '5000' },
  });
  try {
    await measure({ bed, model, person: await createCaller(await bed.start()) });
  } finally {
    await bed.close();
    await model.stop();
  }
}

/** Prints the memory of each key of a finished answer (10 KB in 500 deltas), as `MEMORY USAGE <key> SAMPLES 0` returns it. */
async function measureAnswer({ bed, model, person }: Bench): Promise<void> {
  const modelId = model.modelId({ chars: 10_240, chunks: 500, everyMs: 10 });
  const streamId = await person.startStream({ modelId, text: 'Tell me how this is operated.' });
  await person.untilEnded(streamId, { withinMs: 60_000 });
  await pause(500);
  await printKeys(bed, 'a finished answer of 10 KB, 500 chunks, at its end');
  await pause(60_000);
  await printKeys(bed, 'the same, 60 s after its end');
}

/**
 * Prints the memory of all keys of a chat with 50, 100 and 200 answers of 4 KB each, and the memory of the keys that are left when
 * the streams of the chat have expired.
 */
async function measureChat({ bed, model, person }: Bench): Promise<void> {
  const modelId = model.modelId({ chars: 4096, chunks: 200, everyMs: 1 });
  for (let turn = 1; turn <= 200; turn++) {
    const streamId = await person.startStream({ chatId: 'long', modelId, text: `Question ${turn}` });
    await person.untilEnded(streamId);
    if ([50, 100, 200].includes(turn)) await printChat(bed, turn);
  }
  await pause(60_000);
  await printChat(bed, 200, ', 60 s later');
}

async function printChat(bed: TestBed, turns: number, when = ''): Promise<void> {
  const sizes = await keySizes(bed);
  const all = sum(sizes.map(([, bytes]) => bytes));
  const chats = sum(sizes.filter(([key]) => /^(user_)?chats?:/.test(key)).map(([, bytes]) => bytes));
  const text = turns * 4096;
  const times = (bytes: number) => `${kb(bytes)} = ${(bytes / text).toFixed(2)} × the text`;
  console.log(`a chat of ${turns} turns, 4 KB each${when}: all keys ${times(all)}, after expiry ${times(chats)}`);
}

async function measureStart({ bed, model, person }: Bench): Promise<void> {
  const big = model.modelId({ chars: 64 * 1024, chunks: 64, everyMs: 0 });
  for (let turn = 0; turn < 16; turn++) {
    await person.untilEnded(await person.startStream({ chatId: 'history', modelId: big }));
  }
  const modelId = model.modelId({ chars: 20, chunks: 1, everyMs: 0 });
  for (const [name, chatOf] of [
    ['a new chat', (i: number) => `new-${i}`],
    ['a chat with 1 MB of history', () => 'history'],
  ] as const) {
    const times: number[] = [];
    let written = 0;
    for (let i = 0; i < STARTS; i++) {
      const before = await receivedBytes(bed);
      const startedAt = performance.now();
      const streamId = await person.startStream({ chatId: chatOf(i), modelId });
      times.push(performance.now() - startedAt);
      await person.untilEnded(streamId);
      written += (await receivedBytes(bed)) - before;
    }
    times.sort((a, b) => a - b);
    const median = times[STARTS / 2]!.toFixed(1);
    console.log(`a start in ${name}: median ${median} ms, ${kb(written / STARTS)} sent to Redis for the whole answer`);
  }
}

async function receivedBytes({ db }: TestBed): Promise<number> {
  return Number(/total_net_input_bytes:(\d+)/.exec(await db.info('stats'))![1]);
}

async function printKeys(bed: TestBed, title: string): Promise<void> {
  const sizes = await keySizes(bed);
  console.log(`\n${title}: ${kb(sum(sizes.map(([, bytes]) => bytes)))}`);
  for (const [key, bytes] of sizes) console.log(`  ${String(bytes).padStart(7)}  ${key}`);
}

/** All keys with their sizes in bytes, the largest first. Leaves out the keys that all streams share. */
async function keySizes({ db }: TestBed): Promise<[string, number][]> {
  const keys = (await db.keys('*')).filter((key) => !key.startsWith('rejoin:'));
  const sizes = await Promise.all(
    keys.map(async (key): Promise<[string, number]> => [key, (await db.memoryUsage(key, { SAMPLES: 0 })) ?? 0]),
  );
  return sizes.sort((a, b) => b[1] - a[1]);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
const kb = (bytes: number): string => `${(bytes / 1000).toFixed(1)} KB`;

const { positionals } = parseArgs({ allowPositionals: true });
const ROWS: Record<string, (bench: Bench) => Promise<void>> = {
  answer: measureAnswer,
  chat: measureChat,
  start: measureStart,
};

for (const [name, measure] of Object.entries(ROWS)) {
  if (positionals.length === 0 || positionals.includes(name)) await inBench(measure);
}
