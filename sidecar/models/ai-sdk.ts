import {
  experimental_streamTextLowMemory as streamText,
  isStepCount,
  toUIMessageStream,
  type LanguageModel,
  type ToolSet,
} from 'ai';
import type { Chunk } from '../../shared/fold.ts';
import type { Log } from '../log.ts';
import type { ModelRequest } from './model.ts';
import { endsWithPartial, toPrompt } from './prompt.ts';
import { connectionLost, emptyAnswer, endedBadly, toModelError, type Provider } from './provider-error.ts';
import { createCodePointJoiner } from './whole-code-points.ts';

/** What a provider brings to a call; the request comes with it. */
export interface ProviderCall {
  provider: Provider;
  model: LanguageModel;
  tools: ToolSet;
  providerOptions?: Parameters<typeof streamText>[0]['providerOptions'];
  /** Tries after the first, with growing pauses, before a call that has not begun to answer fails. */
  maxRetries: number;
}

const MAX_STEPS = 5;

/**
 * One answer of an AI SDK language model, tools and all, as the chunks that the SDK itself would send to a browser.
 * Whatever goes wrong is thrown as a ModelError; after an abort it ends without a word. Leaving early aborts the call.
 *
 * It is the SDK's single-consumer stream: the usual one keeps every chunk a second time until the answer ends.
 */
export async function* streamAnswer(call: ProviderCall, request: ModelRequest): AsyncGenerator<Chunk, void, void> {
  const { provider, model, tools, providerOptions, maxRetries } = call;
  const left = new AbortController();
  /** The provider was asked to go on from a partial answer, and has not begun to. */
  let resuming = false;
  let failure: unknown;
  let isEmpty = request.partial === undefined; // a continuation may find that nothing is missing
  let isFinished = false;
  let outputTokens: number | undefined;
  const wholeCodePoints = createCodePointJoiner();

  try {
    const messages = await toPrompt(request, tools);
    resuming = endsWithPartial(messages);
    const { stream } = streamText({
      model,
      messages,
      tools,
      providerOptions,
      maxRetries,
      ...(request.instructions === '' ? {} : { instructions: request.instructions }),
      stopWhen: isStepCount(MAX_STEPS),
      abortSignal: AbortSignal.any([request.signal, left.signal]),
      // Without a listener the SDK prints the error, and with it the prompt.
      onError: ({ error }) => void (failure ??= error),
    });
    const reader = toUIMessageStream({
      stream,
      tools,
      onError: () => 'The tool failed.',
      redactToolErrors: false, // ours are made to be read, by the model and by the person
      messageMetadata({ part }) {
        if (part.type === 'finish') outputTokens = part.totalUsage.outputTokens;
        return undefined; // for our own figures only
      },
    }).getReader();

    for (;;) {
      const { done, value: chunk } = await reader.read();
      if (done) break;
      switch (chunk.type) {
        case 'start-step':
          resuming = false; // the provider has accepted it
          break;
        case 'text-delta':
        case 'file':
          isEmpty = false;
          break;
        case 'error':
          throw failure;
        case 'abort':
          return;
        case 'finish': {
          const error = endedBadly(chunk.finishReason, provider) ?? (isEmpty ? emptyAnswer(provider) : null);
          if (error) throw error;
          isFinished = true;
          break;
        }
        default:
      }
      yield* wholeCodePoints(
        chunk.type === 'finish'
          ? { ...chunk, ...(outputTokens ? { outputTokens } : {}), ...cutOff(chunk.finishReason) }
          : chunk,
      );
    }
    if (!isFinished) throw connectionLost(provider);
  } catch (error) {
    if (request.signal.aborted) return;
    throw toModelError(error, provider, { resuming });
  } finally {
    left.abort();
  }
}

/** Kept with the message, so that a person can go on from where the model's limit ended it. */
const cutOff = (finishReason: string | undefined) =>
  finishReason === 'length' ? { messageMetadata: { finishReason } } : {};

/** Sends the SDK's warnings (a setting that a model ignores, a signature that was missing) to our log. */
export function logSdkWarnings(log: Pick<Log, 'info'>): void {
  globalThis.AI_SDK_LOG_WARNINGS = ({ warnings, provider, model }) =>
    log.info({ event: 'model.warning', provider, model, warnings });
}
