import { readdirSync, readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { createExchange } from '../exchange.ts';
import type { WireFailure } from '../failures/failure.ts';
import { createGeminiReader } from '../gemini.ts';
import { isRecord, listOf, parseJson } from '../body/json.ts';
import { createOpenAiReader } from '../openai.ts';
import type { WireFacts } from '../failures/outcome.ts';

/** A response of a server, kept in `sidecar/models/recordings/` (see the README there). */
export interface Recording {
  name: string;
  server: string;
  protocol: 'openai' | 'gemini';
  status: number;
  contentType: string;
  body: string;
  /** The words of the answer without its thoughts. */
  text: string;
}

const FOLDER = fileURLToPath(new URL('../../recordings/', import.meta.url));

export const recordings = (): Recording[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map(
      (file) => ({ ...JSON.parse(readFileSync(FOLDER + file, 'utf8')), name: file.replace('.json', '') }) as Recording,
    );

export interface Replayed {
  facts: WireFacts | null;
  failure: WireFailure | null;
  /** The words that the SDK would read. */
  text: string;
  /** The complete tool calls that the SDK would read. */
  toolCalls: number;
  /** True if the SDK got a successful end. */
  hasEnded: boolean;
}

/** Reads the pieces as one response that ends cleanly or with a broken connection. */
export async function replay(
  protocol: Recording['protocol'],
  pieces: readonly Uint8Array[],
  end: 'clean' | 'reset' = 'clean',
): Promise<Replayed> {
  async function* source() {
    yield* pieces;
    if (end === 'reset') throw Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
  }
  const body = Readable.from(source(), { objectMode: false });
  const exchange = createExchange({
    post: () => Promise.resolve({ status: 200, headers: {}, body }),
    createReader: () =>
      protocol === 'gemini' ? createGeminiReader(['current_time']) : createOpenAiReader(['current_time']),
    maxRetries: 0,
    onLife: () => {},
    onWait: () => {},
    hadWordsBefore: () => false,
  });
  const response = await exchange.fetch('http://127.0.0.1/');
  const out = await response.text();
  body.destroy();
  const frames = out.split('\n\n').flatMap((event) => {
    const frame = parseJson(event.slice('data: '.length));
    return isRecord(frame) ? [frame] : [];
  });
  const replayed: Replayed = {
    facts: exchange.facts,
    failure: exchange.failure,
    text: '',
    toolCalls: 0,
    hasEnded: false,
  };
  for (const frame of frames) {
    for (const choice of listOf(frame.choices) as { delta: Record<string, unknown>; finish_reason?: string }[]) {
      if (typeof choice.delta.content === 'string') replayed.text += choice.delta.content;
      replayed.toolCalls += listOf(choice.delta.tool_calls).length;
      if (choice.finish_reason !== undefined) replayed.hasEnded = true;
    }
    for (const candidate of listOf(frame.candidates) as Record<string, unknown>[]) {
      const content = candidate.content as { parts?: { text?: string; thought?: boolean; functionCall?: object }[] };
      for (const part of content?.parts ?? []) {
        if (part.text !== undefined && !part.thought) replayed.text += part.text;
        if (part.functionCall) replayed.toolCalls += 1;
      }
      if (candidate.finishReason !== undefined) replayed.hasEnded = true;
    }
  }
  return replayed;
}

export const bytesOf = (text: string): Uint8Array => Buffer.from(text);
