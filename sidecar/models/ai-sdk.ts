import {
  experimental_streamTextLowMemory as streamText,
  isStepCount,
  toUIMessageStream,
  type LanguageModel,
  type ToolSet,
} from 'ai';
import type { Chunk } from '../../shared/stream/fold.ts';
import type { Log } from '../log.ts';
import type { ModelRequest } from './model.ts';
import { endsWithPartial, isText, toPrompt } from './prompt.ts';
import { modelErrorOf, toModelError } from './provider-error.ts';
import type { Provider } from './provider.ts';
import { createRepetitionGuard } from './text/repetition.ts';
import { createThoughtSplitter } from './text/thinking.ts';
import { createCodePointJoiner } from './text/whole-code-points.ts';
import { createExchange } from './wire/exchange.ts';
import { decideOutcome } from './wire/failures/outcome.ts';
import type { FrameReader } from './wire/protocol.ts';
import type { Post, Reply } from './wire/transport.ts';

export interface ProviderCall {
  provider: Provider;
  /** Creates the model. The model sends its requests through this `fetch`. */
  model(fetch: typeof globalThis.fetch): LanguageModel;
  /** Creates a reader for one response in the provider's protocol. */
  createReader(toolNames: readonly string[]): FrameReader;
  post: (post: Post) => Promise<Reply>;
  tools: ToolSet;
  /** The name under which the SDK keeps data that must be sent back to the provider, such as Gemini's signatures of thoughts. */
  metadataKey: string;
  providerOptions?: Parameters<typeof streamText>[0]['providerOptions'];
  /** Number of retries if a request fails before its response begins. The pauses between them grow. */
  maxRetries: number;
}

const MAX_STEPS = 5;

/**
 * One answer of an AI SDK language model, including its tool calls, as the chunks that the SDK itself would send to a
 * browser. All failures are thrown as ModelError. After an abort the generator ends without an error. If the consumer stops
 * early, the call is aborted.
 *
 * The SDK never reads the bytes of a server: every response goes through an {@link createExchange exchange}, which repairs
 * it and decides how it ended. The SDK's low-memory stream is used, because the usual one keeps a second copy of every
 * chunk until the answer ends.
 */
export async function* streamAnswer(call: ProviderCall, request: ModelRequest): AsyncGenerator<Chunk, void, void> {
  const { provider, tools, providerOptions, maxRetries, metadataKey } = call;
  // `left` is aborted when the request is aborted or the consumer stops. It is not made with `AbortSignal.any`, because the SDK
  // reads `aborted` at every chunk, and that is slow for such a signal.
  const left = new AbortController();
  const leave = () => left.abort(request.signal.reason);
  if (request.signal.aborted) leave();
  request.signal.addEventListener('abort', leave, { once: true });
  /** The provider was asked to continue a partial answer and has not begun to do so. */
  let resuming = false;
  let failure: unknown;
  // True if the answer has text or a file. The content of the partial answer counts, too: if the partial answer is already
  // complete, its continuation adds nothing, and must not fail with `empty_answer`.
  let words = request.partial?.parts.some((part) => isText(part) || part.type === 'file') ?? false;
  /** `words` at the beginning of the current step. */
  let hadWords = words;
  let thoughts = false;
  let isFinished = false;
  let outputTokens: number | undefined;
  const wholeCodePoints = createCodePointJoiner();
  const splitThoughts = createThoughtSplitter();
  const repetition = createRepetitionGuard();
  const exchange = createExchange({
    post: call.post,
    createReader: () => call.createReader(Object.keys(tools)),
    maxRetries,
    onLife: () => request.onSign?.({ kind: 'alive' }),
    onWait: ({ reason, ms }) => request.onSign?.({ kind: 'retry', reason, ms }),
    hadWordsBefore: () => words,
  });

  function* refined(chunk: Chunk): Generator<Chunk, void, void> {
    for (const whole of wholeCodePoints(chunk)) {
      for (const part of splitThoughts(whole)) {
        if (part.type === 'text-delta' || part.type === 'reasoning-delta') {
          if (part.type === 'reasoning-delta') thoughts = true;
          else if (part.delta !== '') words = true;
          if (repetition.isRunaway(String(part.delta))) throw modelErrorOf({ code: 'repeats_itself' }, provider);
        } else if (part.type === 'file') words = true;
        else if (part.type === 'start-step') hadWords = words;
        // The text of this step so far turned out to be a thought.
        else if (part.type === 'text-was-thought') words = hadWords;
        yield plainToolError(part);
      }
    }
  }

  try {
    const messages = await toPrompt(request, tools, { metadataKey });
    resuming = endsWithPartial(messages);
    const { stream } = streamText({
      model: call.model(exchange.fetch),
      messages,
      tools,
      providerOptions,
      maxRetries: 0, // the exchange retries if that may help
      ...(request.instructions === '' ? {} : { instructions: request.instructions }),
      stopWhen: isStepCount(MAX_STEPS),
      abortSignal: left.signal,
      // Without a listener the SDK would print the error, which contains the prompt.
      onError: ({ error }) => void (failure ??= error),
    });
    const reader = toUIMessageStream({
      stream,
      tools,
      onError: () => 'The tool failed.',
      redactToolErrors: false, // our own tools' errors are written for the model and the person
      messageMetadata({ part }) {
        if (part.type === 'finish') outputTokens = part.totalUsage.outputTokens;
        return undefined; // only the number of tokens is read here; no metadata is added
      },
    }).getReader();

    for (;;) {
      const { done, value: chunk } = await reader.read();
      if (done) break;
      switch (chunk.type) {
        case 'start-step':
          resuming = false; // the provider has accepted the partial answer
          break;
        case 'error':
          throw exchange.failure ?? failure;
        case 'abort':
          return;
        case 'finish': {
          const facts = exchange.facts;
          const outcome = facts && decideOutcome({ ...facts, words, thoughts }, { hadWordsBefore: words });
          if (outcome && !outcome.isSuccess)
            throw modelErrorOf({ code: outcome.code, detail: outcome.cause }, provider);
          // No response failed, so the model used up its steps with tool calls.
          if (!words) throw modelErrorOf({ code: 'empty_answer' }, provider);
          isFinished = true;
          yield { ...chunk, ...(outputTokens ? { outputTokens } : {}), ...cutOff(chunk.finishReason) };
          continue;
        }
        default:
      }
      yield* refined(chunk);
    }
    if (!isFinished) throw exchange.failure ?? modelErrorOf({ code: 'connection_lost' }, provider);
  } catch (error) {
    if (request.signal.aborted) return;
    throw toModelError(error, provider, { resuming });
  } finally {
    request.signal.removeEventListener('abort', leave);
    left.abort();
  }
}

/** Replaces the SDK's message about an invalid tool call, because that message quotes the model's output. */
function plainToolError(chunk: Chunk): Chunk {
  if (chunk.type !== 'tool-input-error' && chunk.type !== 'tool-output-error') return chunk;
  const name = /^AI_\w+/.exec(String(chunk.errorText))?.[0];
  if (name === 'AI_NoSuchToolError') return { ...chunk, errorText: 'There is no tool with this name.' };
  return name === undefined
    ? chunk
    : { ...chunk, errorText: 'The model gave this tool arguments that it cannot read.' };
}

/**
 * Marks an answer that the model's length limit cut off. The mark is stored with the message, so that the app can offer to continue
 * the answer.
 */
const cutOff = (finishReason: string | undefined) =>
  finishReason === 'length' ? { messageMetadata: { finishReason } } : {};

/** Sends the SDK's warnings (a setting that a model ignores, a signature that was missing) to our log. */
export function logSdkWarnings(log: Pick<Log, 'info'>): void {
  globalThis.AI_SDK_LOG_WARNINGS = ({ warnings, provider, model }) =>
    log.info({ event: 'model.warning', provider, model, warnings });
}
