import { createGoogle } from '@ai-sdk/google';
import type { ToolSet } from 'ai';
import { streamAnswer } from './ai-sdk.ts';
import type { Knowledge } from './knowledge.ts';
import type { Model } from './model.ts';
import type { Provider } from './provider-error.ts';

export interface GoogleOptions {
  apiKey: string;
  /** With the version, such as `https://…/v1beta`. Google's own, if left out. */
  baseUrl?: string;
  tools: ToolSet;
  maxRetries: number;
}

/** Gemini models, by the id that Google knows. */
export function createGoogleModels({ apiKey, baseUrl, tools, maxRetries }: GoogleOptions) {
  const google = createGoogle({ apiKey, ...(baseUrl ? { baseURL: baseUrl } : {}) });

  return (modelId: string, knowledge: Knowledge): Model => ({
    servedBy: 'google',
    continuation: knowledge.continuation,
    contextTokens: knowledge.contextTokens,
    stream: (request) =>
      streamAnswer(
        {
          provider: GOOGLE,
          model: google(modelId),
          tools: knowledge.tools ? tools : {},
          // Gemini thinks in silence unless it is asked to show its thoughts.
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
