import type { z } from 'zod';
import { problemSchema } from '../../shared/errors.ts';
import {
  activeAnswerSchema,
  cancelAnswerSchema,
  cleanupAnswerSchema,
  streamStateSchema,
  type CancelAnswer,
  type CleanupAnswer,
  type StreamState,
} from '../../shared/stream/stream.ts';
import type { Env } from '../shared/settings.ts';
import { signSidecarToken } from '../shared/sidecar-token.ts';
import { StartError } from '../shared/start-error.ts';

/**
 * The operator's client of the sidecar, for everybody's streams. Failures are thrown as {@link StartError} and say what
 * to do.
 */
export interface SidecarClient {
  url: string;
  list(): Promise<StreamState[]>;
  show(streamId: string): Promise<StreamState>;
  cancel(streamId: string): Promise<CancelAnswer>;
  cleanup(action: 'expired' | 'force'): Promise<CleanupAnswer>;
  /** The frames after an event id, until the connection ends. `null` if the answer has ended and no frames follow the event id. */
  events(
    streamId: string,
    options: { after: string | null; signal: AbortSignal },
  ): Promise<ReadableStream<Uint8Array> | null>;
}

export const sidecarUrl = (settings: Env): string =>
  (settings.SIDECAR_URL ?? `http://127.0.0.1:${settings.SIDECAR_PORT ?? 4000}`).replace(/\/$/, '');

/** The sidecar did not respond, or refused for the moment: another try may help. */
export class SidecarAway extends StartError {}

const ANSWER_MS = 15_000;
/** The user id in the tokens of `npm run streams`. */
const OPERATOR = 'operator';

export function createSidecarClient({
  url,
  secret,
  answerMs = ANSWER_MS,
}: {
  url: string;
  secret: string;
  answerMs?: number;
}): SidecarClient {
  async function call(
    method: string,
    path: string,
    { body, headers = {}, signal }: { body?: unknown; headers?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<Response> {
    const token = await signSidecarToken({ secret, userId: OPERATOR, isAdmin: true, ttl: '5m' });
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal ?? AbortSignal.timeout(answerMs),
    }).catch((error: unknown) => {
      if (signal?.aborted) throw error;
      throw away(error);
    });
    if (response.ok) return response;
    throw await refusal(response);
  }

  const away = (error: unknown): SidecarAway =>
    new SidecarAway(
      `No sidecar answers at ${url} (${reasonOf(error)}). Does it run (\`npm start\`)? Is SIDECAR_URL or SIDECAR_PORT right?`,
    );

  /** The body as JSON, or `null` if it is not JSON. */
  async function bodyOf(response: Response): Promise<unknown> {
    return response.json().catch((error: unknown) => {
      if (error instanceof SyntaxError) return null;
      throw away(error);
    });
  }

  async function refusal(response: Response): Promise<StartError> {
    const problem = problemSchema.safeParse(await bodyOf(response));
    if (!problem.success)
      return new StartError(
        `The server at ${url} did not answer like a sidecar (HTTP ${response.status}). Check SIDECAR_URL.`,
      );
    const { code, title, detail } = problem.data;
    if (code === 'unauthorized')
      return new StartError(
        `The sidecar at ${url} rejected this command's token. Use the sidecar's SIDECAR_SECRET, and check the clocks of both machines.`,
      );
    if (code === 'not_found')
      return new StartError(
        'There is no such stream: it never existed, it expired (STREAM_TTL_SECONDS after its end), or it was cleaned up. ' +
          `(${code})`,
      );
    const Refusal = response.status >= 500 || response.status === 429 ? SidecarAway : StartError;
    return new Refusal(`${title}${detail === undefined ? '' : ` ${detail}`} (${code})`);
  }

  async function parsed<Schema extends z.ZodType>(schema: Schema, response: Response): Promise<z.infer<Schema>> {
    const answer = schema.safeParse(await bodyOf(response));
    if (answer.success) return answer.data;
    throw new StartError(
      `The server at ${url} did not answer like a sidecar of this version. Check SIDECAR_URL and the version of the sidecar.`,
    );
  }

  const pathOf = (streamId: string) => `/streams/${encodeURIComponent(streamId)}`;

  return {
    url,
    list: async () => (await parsed(activeAnswerSchema, await call('GET', '/streams?all=1'))).streams,
    show: async (streamId) => parsed(streamStateSchema, await call('GET', pathOf(streamId))),
    cancel: async (streamId) => parsed(cancelAnswerSchema, await call('DELETE', pathOf(streamId))),
    cleanup: async (action) => parsed(cleanupAnswerSchema, await call('POST', '/cleanup', { body: { action } })),
    async events(streamId, { after, signal }) {
      const headers = { accept: 'text/event-stream', ...(after === null ? {} : { 'last-event-id': after }) };
      return (await call('GET', `${pathOf(streamId)}/events`, { headers, signal })).body;
    },
  };
}

const reasonOf = (error: unknown): string => {
  if (error instanceof DOMException) return error.message; // a timeout. The `code` of a DOMException is only a number
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? ('code' in cause ? String(cause.code) : cause.message) : String(cause);
};
