import { randomUUID } from 'node:crypto';
import { until } from '../scripts/shared/wait.ts';
import type { Chat, MessagePage } from '../shared/chat/chat.ts';
import type { StoredMessage } from '../shared/chat/messages.ts';
import type { CancelAnswer, CleanupAnswer, StartAnswer, StreamState } from '../shared/stream/stream.ts';
import { token } from './tokens.ts';

export interface Answer<Body = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: Body;
  text: string;
}

export interface CallOptions {
  body?: unknown;
  /** Sent unchanged, instead of `body`. */
  raw?: string;
  headers?: Record<string, string>;
  /** Instead of the caller's own token. `null`: no token. */
  token?: string | null;
  signal?: AbortSignal;
}

/** A person with a token who sends requests to the sidecar at `url`. */
export interface Caller {
  userId: string;
  token: string;
  url: string;
  /** The same person, at another sidecar. */
  at(sidecar: { url: string }): Caller;
  call<Body = Record<string, unknown>>(method: string, path: string, options?: CallOptions): Promise<Answer<Body>>;
  start(request: StartOptions): Promise<Answer<StartAnswer & { code?: string }>>;
  /** Starts a stream and returns its id. Throws if the status of the response is not 201. */
  startStream(request: StartOptions): Promise<string>;
  state(streamId: string): Promise<StreamState>;
  /**
   * Waits while the stream is `active`, and resolves to its state. Does not wait for a `queued` stream to begin. Rejects if the
   * stream is still active after `withinMs`.
   */
  untilEnded(streamId: string, options?: { withinMs?: number }): Promise<StreamState>;
  cancel(streamId: string): Promise<Answer<CancelAnswer>>;
  cleanup(action?: string): Promise<Answer<CleanupAnswer>>;
  /**
   * The chat, with the last page of its messages. If a message has several versions, the page shows the version that leads to the
   * newest message.
   */
  chat(chatId: string): Promise<Chat>;
  /** All versions of all messages of a chat. Throws if they do not fit on one page. */
  messages(chatId: string): Promise<StoredMessage[]>;
}

export interface StartOptions {
  modelId: string;
  chatId?: string;
  messageId?: string;
  text?: string;
  [field: string]: unknown;
}

export const newId = (prefix: string): string => `${prefix}_${randomUUID().slice(0, 8)}`;

/** The body of a request that starts a stream. Without `chatId` or `messageId`, the body gets a new random id. */
export const startBody = ({ chatId, messageId, text = 'Hello', ...rest }: StartOptions) => ({
  chatId: chatId ?? newId('chat'),
  messageId: messageId ?? newId('m'),
  messages: [{ role: 'user', content: text }],
  ...rest,
});

/** Without `userId`, the caller is a new person. */
export async function createCaller(
  sidecar: { url: string },
  { userId = newId('user'), ...more }: { userId?: string; isAdmin?: boolean; address?: string } = {},
): Promise<Caller> {
  return callerWith({ url: sidecar.url, userId, bearer: await token({ userId, ...more }) });
}

function callerWith({ url, userId, bearer }: { url: string; userId: string; bearer: string }): Caller {
  const caller: Caller = {
    userId,
    token: bearer,
    url,
    at: (other) => callerWith({ url: other.url, userId, bearer }),

    async call(method, path, { body, raw, headers = {}, token = bearer, signal = AbortSignal.timeout(15_000) } = {}) {
      const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
      const response = await fetch(url + path, {
        method,
        signal,
        body: content,
        headers: {
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
          ...(content === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
      });
      const text = await response.text();
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: isJson && text !== '' ? JSON.parse(text) : {},
      };
    },

    start: (request) => caller.call('POST', '/streams', { body: startBody(request) }),
    async startStream(request) {
      const { status, body, text } = await caller.start(request);
      if (status !== 201) throw new Error(`the stream was not started: status ${status}, ${text}`);
      return body.streamId;
    },
    async state(streamId) {
      const { status, body, text } = await caller.call<StreamState>('GET', `/streams/${streamId}`);
      if (status !== 200) throw new Error(`no state of the stream: status ${status}, ${text}`);
      return body;
    },
    async untilEnded(streamId, { withinMs = 15_000 } = {}) {
      let state = await caller.state(streamId);
      const hasEnded = await until(
        async () => state.status !== 'active' || (state = await caller.state(streamId)).status !== 'active',
        { everyMs: 20, signal: AbortSignal.timeout(withinMs) },
      );
      if (!hasEnded) throw new Error(`the stream is still active after ${withinMs} ms, at ${state.lastEventId}`);
      return state;
    },
    cancel: (streamId) => caller.call('DELETE', `/streams/${streamId}`),
    cleanup: (action) => caller.call('POST', '/cleanup', action === undefined ? {} : { body: { action } }),
    async chat(chatId) {
      const { status, body, text } = await caller.call<Chat>('GET', `/chats/${chatId}`);
      if (status !== 200) throw new Error(`no chat: status ${status}, ${text}`);
      return body;
    },
    async messages(chatId) {
      const { status, body, text } = await caller.call<MessagePage>('GET', `/chats/${chatId}/messages?limit=200`);
      if (status !== 200 || body.next !== null)
        throw new Error(`could not read all messages on one page: status ${status}, ${text}`);
      return body.messages;
    },
  };
  return caller;
}
