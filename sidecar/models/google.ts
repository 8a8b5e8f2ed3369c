import { createGoogle } from '@ai-sdk/google';
import type { ToolSet } from 'ai';
import { streamAnswer, type ProviderCall } from './ai-sdk.ts';
import type { Knowledge } from './knowledge.ts';
import type { Model } from './model.ts';
import type { Provider } from './provider.ts';
import { createGeminiReader } from './wire/gemini.ts';

export interface GoogleOptions {
  apiKey: string;
  /** URL including the version, such as `https://…/v1beta`. Default: Google's own. */
  baseUrl?: string;
  tools: ToolSet;
  maxRetries: number;
  post: ProviderCall['post'];
}

/** Returns a function that creates the model for one of Google's ids. */
export function createGoogleModels({ apiKey, baseUrl, tools, maxRetries, post }: GoogleOptions) {
  return (modelId: string, knowledge: Knowledge): Model => ({
    servedBy: 'google',
    continuation: knowledge.continuation,
    contextTokens: knowledge.contextTokens,
    stream: (request) =>
      streamAnswer(
        {
          provider: GOOGLE,
          model: (fetch) => createGoogle({ apiKey, fetch, ...(baseUrl ? { baseURL: baseUrl } : {}) })(modelId),
          createReader: createGeminiReader,
          post,
          tools: knowledge.tools ? tools : {},
          metadataKey: 'google',
          // Gemini does not send its thoughts unless it is asked to.
          providerOptions: knowledge.reasoning ? { google: { thinkingConfig: { includeThoughts: true } } } : {},
          maxRetries,
        },
        request,
      ),
  });
}

const GOOGLE: Provider = {
  title: 'Google',
  keySetting: 'GOOGLE_GENERATIVE_AI_API_KEY',
  urlSetting: 'GOOGLE_BASE_URL',
};
