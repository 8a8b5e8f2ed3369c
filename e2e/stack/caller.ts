import { randomUUID } from 'node:crypto';
import type { StartAnswer, StreamState } from '../../shared/stream/stream.ts';
import { sidecarToken } from '../../app/testing/tokens.ts';
import type { Stack } from './start-stack.ts';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** `{}` if the body is not JSON. */
  body: Record<string, unknown>;
}

export interface CallOptions {
  body?: unknown;
  /** Sent unchanged, instead of `body`. */
  raw?: string;
  headers?: Record<string, string>;
}

/** Calls the app's API with a token, and without a cookie. */
export interface Caller {
  userId: string;
  token: string;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Starts a stream and returns its id. Throws if the response is not a 201. */
  start(request: StartOptions): Promise<string>;
  state(streamId: string): Promise<StreamState>;
}

export interface StartOptions {
  modelId: string;
  chatId?: string;
  messageId?: string;
  text?: string;
}

const ANSWER_MS = 20_000;

export const newId = (prefix: string): string => `${prefix}-${randomUUID().slice(0, 8)}`;

/** The body of a request that starts an answer, by default in a new chat. */
export const startBody = ({ modelId, chatId, messageId, text = 'Hello' }: StartOptions) => ({
  chatId: chatId ?? newId('chat'),
  messageId: messageId ?? newId('answer'),
  modelId,
  messages: [{ role: 'user', content: text }],
});

/** Creates a caller. Default `userId`: a new person. */
export async function createCaller(stack: Stack, userId = newId('user')): Promise<Caller> {
  const token = await sidecarToken({ secret: stack.sidecarSecret, userId, expiresInSeconds: 3600 });

  async function call(method: string, path: string, { body, raw, headers }: CallOptions = {}): Promise<Answer> {
    const response = await fetch(stack.baseURL + path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const parsed = isJson ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: response.status, headers: response.headers, text, body: parsed };
  }

  return {
    userId,
    token,
    call,
    async start(request) {
      const { status, text, body } = await call('POST', '/api/stream/start', { body: startBody(request) });
      if (status !== 201) throw new Error(`start answered ${status}: ${text}`);
      return (body as StartAnswer).streamId;
    },
    async state(streamId) {
      const { status, text, body } = await call('GET', `/api/stream/status/${streamId}`);
      if (status !== 200) throw new Error(`status answered ${status}: ${text}`);
      return body as StreamState;
    },
  };
}
