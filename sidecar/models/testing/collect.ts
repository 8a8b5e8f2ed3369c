import { createFold, type Chunk } from '../../../shared/stream/fold.ts';
import type { Message } from '../../../shared/chat/messages.ts';
import type { Model, ModelRequest } from '../model.ts';

export const userMessage = (text: string, id = 'q1'): Message => ({
  id,
  role: 'user',
  parts: [{ type: 'text', text }],
});

export const request = (fields: Partial<ModelRequest> = {}): ModelRequest => ({
  messages: [userMessage('Hello')],
  instructions: '',
  signal: new AbortController().signal,
  ...fields,
});

export interface Collected {
  chunks: Chunk[];
  /** The error that was thrown after these chunks; `null` if the answer ended without an error. */
  error: unknown;
}

/** All chunks of a model's answer, and the error that ended the answer, if any. */
export async function collect(model: Model, asked: ModelRequest): Promise<Collected> {
  const chunks: Chunk[] = [];
  try {
    for await (const chunk of model.stream(asked)) chunks.push(chunk);
  } catch (error) {
    return { chunks, error };
  }
  return { chunks, error: null };
}

export function fold(chunks: readonly Chunk[]): Message {
  const folded = createFold('a1');
  for (const chunk of chunks) folded.take(chunk);
  return structuredClone(folded.message);
}

export const textOf = (chunks: readonly Chunk[]): string =>
  chunks
    .filter((chunk) => chunk.type === 'text-delta')
    .map((chunk) => String(chunk.delta))
    .join('');

export const types = (chunks: readonly Chunk[]): string[] =>
  chunks.map((chunk) => chunk.type).filter((type, index, all) => type !== all[index - 1]);
