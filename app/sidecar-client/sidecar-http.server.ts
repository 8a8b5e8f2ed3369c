import { createSecretKey } from 'node:crypto';
import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import https from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { SignJWT } from 'jose';
import type { z } from 'zod';
import { problemSchema, RejoinError } from '../../shared/errors.ts';
import { unreadySchema, type Unready } from '../../shared/health.ts';
import { TOKEN_ALGORITHM, TOKEN_AUDIENCE } from '../../shared/token.ts';
import { traceHeaders } from '~/process/exchange.server.ts';

/** The person for whom the sidecar is called. */
export interface Caller {
  userId: string;
  /** True for an administrator, who may for example stop the streams of everybody. */
  admin?: boolean;
  /** A guest's network address, as a keyed hash. */
  address?: string;
}

export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  path: string;
  body?: unknown;
  /** Further headers, in lower case. */
  headers?: Record<string, string>;
  timeoutMs?: number;
}

export interface OpenEvents {
  /** `events`: the frames as server-sent events. `text`: the answer as plain text. */
  as: 'events' | 'text';
  /** The reader's last event id. Default: the stream is read from its base, the beginning of the current attempt. */
  after?: string;
  /** Aborting this signal closes the connection to the sidecar. */
  signal: AbortSignal;
  /** Values that must not be in the path. If there is a body, the request is a POST. */
  body?: unknown;
}

/** A response whose body is not read yet. Status 204: there is nothing after the reader's last event id. */
export interface SidecarEvents {
  status: number;
  body: IncomingMessage;
}

/** The sidecar's HTTP API as functions that return the sidecar's response or throw a `RejoinError`. */
export interface SidecarHttp {
  send(caller: Caller, call: Call): Promise<{ status: number; body: unknown }>;
  json<Schema extends z.ZodType>(caller: Caller, schema: Schema, call: Call): Promise<z.infer<Schema>>;
  parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema>;
  open(caller: Caller, path: string, options: OpenEvents): Promise<SidecarEvents>;
  ready(): Promise<void>;
}

const TIMEOUT_MS = 10_000;
const READY_TIMEOUT_MS = 2_000;
const TOKEN_SECONDS = 60;
/** A restarting sidecar refuses connections for a second or two. Every call is safe to repeat. */
const RETRY_DELAYS_MS = [100, 200, 400, 800, 1_500];

export function createSidecarHttp({ url, secret }: { url: string; secret: string }): SidecarHttp {
  const key = createSecretKey(Buffer.from(secret));
  const { request, Agent } = url.startsWith('https:') ? https : http;
  const agent = new Agent({ keepAlive: true });
  // A connection for events is used until the stream ends, so it is not kept for other requests.
  const eventsAgent = new Agent({ keepAlive: false });

  async function authorization(caller: Caller): Promise<string> {
    const { admin, address } = caller;
    const token = await new SignJWT({ ...(admin ? { admin: true } : {}), ...(address ? { address } : {}) })
      .setProtectedHeader({ alg: TOKEN_ALGORITHM })
      .setSubject(caller.userId)
      .setAudience(TOKEN_AUDIENCE)
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + TOKEN_SECONDS)
      .sign(key);
    return `Bearer ${token}`;
  }

  /** Resolves when the head of the response has arrived, which must be within `timeoutMs`. */
  function connect(
    path: string,
    options: http.RequestOptions,
    timeoutMs: number,
    body?: string,
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, url), options);
      const timer = setTimeout(() => sent.destroy(new Error('no response in time')), timeoutMs);
      sent.on('response', resolve).on('error', reject);
      sent.once('response', () => clearTimeout(timer)).once('close', () => clearTimeout(timer));
      sent.end(body);
    });
  }

  async function send(caller: Caller, { method, path, body, headers: more, timeoutMs = TIMEOUT_MS }: Call) {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers = {
      ...more,
      ...traceHeaders(),
      accept: 'application/json',
      authorization: await authorization(caller),
      ...(payload === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
    };
    return untilReached(async () => {
      const signal = AbortSignal.timeout(timeoutMs);
      return await readAnswer(await connect(path, { method, headers, agent, signal }, timeoutMs, payload));
    });
  }

  function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
    const parsed = schema.safeParse(body);
    if (!parsed.success) throw new RejoinError('internal', { cause: parsed.error });
    return parsed.data;
  }

  async function open(
    caller: Caller,
    path: string,
    { as, after, signal, body: sent }: OpenEvents,
  ): Promise<SidecarEvents> {
    const payload = sent === undefined ? undefined : JSON.stringify(sent);
    const method = payload === undefined ? 'GET' : 'POST';
    const headers = {
      ...(payload === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
      ...traceHeaders(),
      accept: as === 'events' ? 'text/event-stream' : 'text/plain',
      authorization: await authorization(caller),
      ...(after === undefined ? {} : { 'last-event-id': after }),
    };
    return untilReached(async () => {
      // Only the head has a deadline: a stream may be silent for as long as its model thinks.
      const body = await connect(path, { method, headers, agent: eventsAgent, signal }, TIMEOUT_MS, payload);
      const status = body.statusCode === 200 ? 200 : (await readAnswer(body)).status;
      return { status, body };
    });
  }

  async function ready(): Promise<void> {
    const options = { method: 'GET', headers: traceHeaders(), agent, signal: AbortSignal.timeout(READY_TIMEOUT_MS) };
    await connect('/readyz', options, READY_TIMEOUT_MS).then(assertReady).catch(unreachable);
  }

  return {
    send,
    parse,
    open,
    ready,
    json: async (caller, schema, call) => parse(schema, (await send(caller, call)).body),
  };
}

/** Tries again if the connection to the sidecar cannot be made, or breaks. Any response of the sidecar is final. */
async function untilReached<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (const delayMs of RETRY_DELAYS_MS) {
    try {
      return await attempt();
    } catch (error) {
      if (!isConnectionFailure(error)) return unreachable(error);
      await sleep(delayMs);
    }
  }
  return attempt().catch(unreachable);
}

const CONNECTION_FAILURES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE']);
const isConnectionFailure = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && CONNECTION_FAILURES.has(String(error.code));

function unreachable(error: unknown): never {
  if (error instanceof RejoinError) throw error;
  throw new RejoinError('sidecar_unreachable', { cause: error });
}

async function assertReady(answer: IncomingMessage): Promise<void> {
  const body = parseJson(await text(answer));
  if (answer.statusCode === 200) return;
  const unready = unreadySchema.safeParse(body);
  throw answer.statusCode === 503 && unready.success ? unreadyError(unready.data) : unexpected(answer.statusCode);
}

function unreadyError({ problem, reason, remedy }: Unready): RejoinError {
  if (reason === undefined) return new RejoinError('draining', { detail: 'The sidecar is being restarted.' });
  return new RejoinError('store_unavailable', { detail: reason, retryAfterSeconds: 2, extra: { problem, remedy } });
}

async function readAnswer(answer: IncomingMessage): Promise<{ status: number; body: unknown }> {
  const status = answer.statusCode ?? 0;
  const content = await text(answer);
  const body = parseJson(content);
  if (status >= 200 && status < 300) return { status, body };
  throw errorOf(status, body, answer.headers);
}

/** Parses JSON. Returns `undefined` if the text is empty or invalid. */
function parseJson(content: string): unknown {
  try {
    return content === '' ? undefined : JSON.parse(content);
  } catch {
    return undefined;
  }
}

function errorOf(status: number, body: unknown, headers: IncomingHttpHeaders): RejoinError {
  const problem = problemSchema.safeParse(body);
  if (!problem.success) return unexpected(status);
  const { type: _type, title: _title, status: _status, code, detail, ...extra } = problem.data;
  if (code === 'unauthorized') {
    // The person is signed in; the sidecar does not trust this app.
    const detail = 'The sidecar refuses this app. Is SIDECAR_SECRET the same for both, and do their clocks agree?';
    return new RejoinError('sidecar_unreachable', { detail });
  }
  const retryAfterSeconds = Number(headers['retry-after']);
  return new RejoinError(code, {
    detail,
    extra,
    ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
    headers: rateLimitHeaders(headers),
  });
}

const unexpected = (status: number | undefined): RejoinError =>
  new RejoinError('sidecar_unreachable', { cause: new Error(`the sidecar answered ${status}`) });

/** The rate limit headers of the sidecar's response, which the app passes on unchanged. */
const rateLimitHeaders = (headers: IncomingHttpHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (/^ratelimit-/.test(name) ? [[name, String(value)]] : [])),
  );
