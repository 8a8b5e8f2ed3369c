/**
 * Measures the CPU time that our reader ({@link createOpenAiReader}) adds to each chunk, that is, to each frame of the response:
 *
 *     node sidecar/models/wire/testing/bench.ts [frames per read] [paced] [varied | usage]
 *
 * `paced`: there is a pause after each read, as with a slow model. Without `paced`, there are no pauses, and our reader takes
 * several reads together.
 * `varied`: each frame has padding of a different length, as from OpenAI.
 * `usage`: each frame contains token counts, as from vLLM with `continuous_usage_stats`. Our reader has to parse such frames, but
 * not frames that differ only in their words and padding.
 *
 * The SDK reads the same stream with and without our reader. The result is the difference in CPU time.
 */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { createExchange } from '../exchange.ts';
import { createOpenAiReader } from '../openai.ts';

const CHUNKS = 10_000;
/** Frames that arrive together: one with a slow model, several with a fast one or under load. */
const PER_READ = Number(process.argv[2] ?? 1);

const hasUsage = process.argv.includes('usage');
const isVaried = process.argv.includes('varied');
let frames = 0;
const frame = (content: string, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1790000000, model: 'llama', system_fingerprint: 'fp', choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason: finish }], ...(hasUsage && { usage: { prompt_tokens: 9, completion_tokens: (frames += 1) } }), ...(isVaried && { obfuscation: 'x'.repeat((frames += 1) % 16) }) })}\n\n`;
const reads: Buffer[] = [];
for (let at = 0; at < CHUNKS; at += PER_READ)
  reads.push(Buffer.from(Array.from({ length: PER_READ }, () => frame(' token')).join('')));
reads.push(Buffer.from(`${frame('', 'stop')}data: [DONE]\n\n`));

const isPaced = process.argv.includes('paced');

async function* paced(): AsyncGenerator<Buffer> {
  for (const read of reads) {
    yield read;
    await setImmediate();
  }
}
const source = (): Readable => Readable.from(isPaced ? paced() : reads, { objectMode: false });

async function drain(fetch: typeof globalThis.fetch): Promise<number> {
  const model = createOpenAICompatible({ name: 'bench', baseURL: 'http://127.0.0.1', fetch })('m');
  const started = process.cpuUsage();
  const { stream } = await model.doStream({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] });
  let chars = 0;
  for await (const part of stream as unknown as AsyncIterable<{ type: string; delta: string }>) {
    if (part.type === 'text-delta') chars += part.delta.length;
  }
  if (chars !== CHUNKS * ' token'.length) throw new Error(`${chars} characters`);
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}

const plain = (): Promise<Response> =>
  Promise.resolve(
    new Response(Readable.toWeb(source()) as ReadableStream, {
      headers: { 'content-type': 'text/event-stream' },
    }),
  );

function forgiving(): typeof globalThis.fetch {
  return createExchange({
    post: () => Promise.resolve({ status: 200, headers: {}, body: source() }),
    createReader: () => createOpenAiReader([]),
    maxRetries: 0,
    onLife: () => {},
    onWait: () => {},
    hadWordsBefore: () => false,
  }).fetch;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const withoutMs: number[] = [];
const withMs: number[] = [];
for (let round = 0; round < 7; round += 1) {
  withoutMs.push(await drain(plain));
  withMs.push(await drain(forgiving()));
}
const perChunk = (ms: number): string => ((ms * 1000) / CHUNKS).toFixed(2);
console.log(
  `SDK alone: ${perChunk(median(withoutMs))} µs a chunk; with the reader: ${perChunk(median(withMs))} µs; added: ${perChunk(median(withMs) - median(withoutMs))} µs`,
);
