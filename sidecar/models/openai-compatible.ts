import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { ToolSet } from 'ai';
import type { Chunk } from '../../shared/stream/fold.ts';
import type { Log } from '../log.ts';
import { streamAnswer, type ProviderCall } from './ai-sdk.ts';
import type { Knowledge } from './knowledge.ts';
import { ModelError, type Model, type ModelRequest } from './model.ts';
import type { Provider } from './provider.ts';
import { WireFailure } from './wire/failures/failure.ts';
import { createOpenAiReader } from './wire/openai.ts';

export interface OpenAiCompatibleOptions {
  /** URL of the server including the version, such as `http://127.0.0.1:11434/v1`. */
  baseUrl: string;
  apiKey?: string;
  tools: ToolSet;
  maxRetries: number;
  post: ProviderCall['post'];
  log: Pick<Log, 'info'>;
}

/**
 * Models of a server that speaks OpenAI's chat protocol (Ollama, llama.cpp, vLLM, …). Returns a function that creates a model from
 * the name that the server uses for this model, without `local/`.
 */
export function createOpenAiCompatibleModels(options: OpenAiCompatibleOptions) {
  const { baseUrl, apiKey, tools, maxRetries, post, log } = options;
  const server = (fetch: typeof globalThis.fetch) =>
    createOpenAICompatible({
      name: NAME,
      baseURL: baseUrl,
      fetch,
      ...(apiKey ? { apiKey } : {}),
      transformRequestBody: goOnFromPartial,
    });
  /** Models that probably do not support tools. They are called without tools until the stored time (`performance.now()`). */
  const withoutTools = new Map<string, number>();

  async function* stream(modelId: string, request: ModelRequest): AsyncGenerator<Chunk, void, void> {
    const call: ProviderCall = {
      provider: SERVER,
      model: (fetch) => server(fetch)(modelId),
      createReader: createOpenAiReader,
      post,
      tools,
      metadataKey: NAME,
      maxRetries,
    };
    const plainCall = { ...call, tools: {} };
    if ((withoutTools.get(modelId) ?? 0) > performance.now()) return yield* streamAnswer(plainCall, request);

    const answer = streamAnswer(call, request);
    let beginning: Chunk[];
    try {
      beginning = await readBeginning(answer);
    } catch (error) {
      if (!mayBeDueToTools(error)) throw error;
      yield* streamAnswer({ ...plainCall, maxRetries: 0 }, request);
      if (request.signal.aborted) return;
      // A server error (5xx) may have been temporary and not due to the tools. So after such an error, tools are tried again later.
      const isCertain = (error.cause.failure.status ?? 500) < 500;
      withoutTools.set(modelId, isCertain ? Infinity : performance.now() + UNCERTAIN_MS);
      log.info({ event: 'model.without_tools', modelId });
      return;
    }
    try {
      yield* beginning;
      yield* answer;
    } finally {
      await answer.return();
    }
  }

  return (modelId: string, knowledge: Knowledge): Model => ({
    servedBy: 'openai-compatible',
    continuation: knowledge.continuation,
    contextTokens: knowledge.contextTokens,
    stream: (request) => stream(modelId, request),
  });
}

const UNCERTAIN_MS = 10 * 60_000;

/**
 * The chunks up to the first one that proves that the server answers. If the call fails before that chunk, nothing was passed
 * on, so the call can be made again without tools.
 */
async function readBeginning(answer: AsyncIterator<Chunk>): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for (;;) {
    const { done, value } = await answer.next();
    if (done) return chunks;
    chunks.push(value);
    if (value.type !== 'start') return chunks;
  }
}

/**
 * If a model does not support tools, its server refuses requests with tools. The errors have no common form: Ollama sends 400
 * and llama.cpp sends 500. So after any error that may be such a refusal, the request is sent once more without tools. If the
 * error is probably due to the partial answer (`continuationRefused`), the request is not sent again here: the caller handles
 * this error.
 */
const mayBeDueToTools = (error: unknown): error is ModelError & { cause: WireFailure } =>
  error instanceof ModelError &&
  !error.continuationRefused &&
  error.cause instanceof WireFailure &&
  (error.code === 'request_refused' || error.code === 'provider_failed' || error.cause.failure.blames === 'tools') &&
  [400, 422, 500, 501].includes(error.cause.failure.status ?? 0);

/**
 * Adds two fields to a request that ends with a partial answer. vLLM, SGLang and llama.cpp continue the partial answer only if
 * these fields ask for it. Other local servers ignore the fields. After a tool call, the last message is the result of the tool,
 * so the fields are left out.
 */
function goOnFromPartial(body: Record<string, unknown>): Record<string, unknown> {
  const last: unknown = Array.isArray(body.messages) ? body.messages.at(-1) : undefined;
  const resuming = typeof last === 'object' && last !== null && 'role' in last && last.role === 'assistant';
  return resuming ? { ...body, continue_final_message: true, add_generation_prompt: false } : body;
}

/** The SDK stores this provider's metadata in a message part under this name. */
const NAME = 'local';

const SERVER: Provider = {
  title: 'the model server',
  keySetting: 'OPENAI_COMPATIBLE_API_KEY',
  urlSetting: 'OPENAI_COMPATIBLE_BASE_URL',
};
