import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { analyticsQuerySchema, type AnalyticsAnswer, type AnalyticsQuery } from '../../shared/analytics.ts';
import { chatPatchSchema, type ModelList } from '../../shared/chat.ts';
import { ERRORS, PLANNED, RejoinError, toProblem, type ErrorCode } from '../../shared/errors.ts';
import { idSchema, MAX_ID_CHARS } from '../../shared/ids.ts';
import { cleanupRequestSchema, startRequestSchema, type StreamState } from '../../shared/stream.ts';
import type { Chats } from '../chats/chats.ts';
import { refuseWhenOverloaded, type OverloadLimits } from '../limits/overload.ts';
import { createReaderLimit } from '../limits/reader-limit.ts';
import type { Log } from '../log.ts';
import { StoreUnavailable, type StreamStore } from '../store/streams/stream-store.ts';
import type { StreamCleanup } from '../streams/recover/stream-cleanup.ts';
import type { StreamManager } from '../streams/stream-manager.ts';
import { logFieldsOf, onBehalfOf, plainRequestId, type RequestContext } from '../telemetry/request-context.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import type { Caller } from './auth.ts';
import { eventsHandler } from './events.ts';
import { openApiDocument } from './openapi.ts';
import type { OpenResponses } from './open-responses.ts';

export interface ServerOptions {
  authenticate(authorization: string | undefined): Promise<Caller>;
  manager: StreamManager;
  store: StreamStore;
  chats: Chats;
  cleanup: StreamCleanup;
  /** Everybody's active streams, for administrators. */
  allActive(): Promise<StreamState[]>;
  /** One of these; `null` where it is not active. */
  oneActive(streamId: string): Promise<StreamState | null>;
  models(): ModelList;
  /** History, for administrators. */
  report(query: AnalyticsQuery): Promise<AnalyticsAnswer>;
  metrics(): Promise<string>;
  isReady(): Promise<boolean>;
  responses: OpenResponses;
  telemetry: Telemetry;
  /** Left out where nobody collects spans. */
  tracing?: Tracing;
  log: Log;
  maxRequestBytes: number;
  readers: { perStream: number; perUser: number };
  overload: OverloadLimits;
  patienceMs: number;
}

interface StreamParams {
  Params: { streamId: string };
}
interface ChatParams {
  Params: { chatId: string };
}

/** The sidecar's own endpoints. Each needs a token but those for its health, its figures and their description. */
export function createServer(options: ServerOptions): FastifyInstance {
  const { manager, chats, cleanup } = options;
  const server = Fastify({
    logger: false,
    bodyLimit: options.maxRequestBytes,
    requestIdHeader: false,
    genReqId: ({ headers }) => plainRequestId(headers['x-request-id']) ?? randomUUID(),
    forceCloseConnections: true,
    routerOptions: { maxParamLength: MAX_ID_CHARS },
    // What the router refuses by itself: an address that does not decode, or with a longer id than there can be.
    frameworkErrors: (error, request, reply) => answerError(error, request, reply, options),
  });

  // The body is JSON whatever the content type says: `curl -d` says it is a form.
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? undefined : JSON.parse(body as string));
    } catch (cause) {
      done(new RejoinError('malformed_json', { detail: 'Send one JSON value, in UTF-8.', cause }));
    }
  });
  server.setErrorHandler((error: FastifyError | RejoinError | StoreUnavailable, request, reply) =>
    answerError(error, request, reply, options),
  );
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    const route = request.routeOptions.url;
    if (!UNTRACED.has(route)) options.tracing?.follow(request.raw, reply.raw, route);
    done();
  });
  // Not in `onRequest`: reading the body ends the asynchronous context that was begun there.
  server.addHook('preHandler', (request, _reply, done) => onBehalfOf(contextOf(request, options.tracing), done));
  server.setNotFoundHandler((request, reply) => answerError(new RejoinError('not_found'), request, reply, options));

  const authed =
    <Params extends object>(
      handle: (request: FastifyRequest<Params>, reply: FastifyReply, caller: Caller) => Promise<unknown>,
    ) =>
    async (request: FastifyRequest<Params>, reply: FastifyReply) =>
      handle(request, reply, await options.authenticate(request.headers.authorization));

  /** An administrator acts for the owner of a stream, whoever that is; everybody else for themselves. */
  async function forStream(caller: Caller, streamId: string): Promise<Caller> {
    const owner = caller.isAdmin ? await manager.ownerOf(streamId) : null;
    return owner === null ? caller : { ...caller, userId: owner };
  }

  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    const isReady = await options.isReady();
    return reply
      .code(isReady ? 200 : 503)
      .send({ status: isReady ? 'ready' : manager.isDraining ? 'draining' : 'waiting for Redis' });
  });
  server.get('/metrics', async (_request, reply) =>
    reply.type('text/plain; version=0.0.4').send(await options.metrics()),
  );

  const openApi = openApiDocument();
  server.get('/openapi.json', async () => openApi);

  server.get(
    '/models',
    authed(async () => options.models()),
  );

  server.get<{ Querystring: { all?: string } }>(
    '/streams',
    authed<{ Querystring: { all?: string } }>(async ({ query }, _reply, caller) => {
      const isAll = caller.isAdmin && query.all === '1';
      return { streams: isAll ? await options.allActive() : await manager.active(caller.userId) };
    }),
  );
  server.get<StreamParams>(
    '/streams/:streamId',
    authed<StreamParams>(async ({ params }, _reply, caller) => {
      const streamId = streamIdIn(params);
      if (!caller.isAdmin) return manager.state(caller.userId, streamId);
      const active = await options.oneActive(streamId);
      if (active !== null) return active;
      const { userId } = await forStream(caller, streamId);
      return { ...(await manager.state(userId, streamId)), userId };
    }),
  );
  server.delete<StreamParams>(
    '/streams/:streamId',
    authed<StreamParams>(async ({ params }, _reply, caller) => {
      const { userId } = await forStream(caller, streamIdIn(params));
      return manager.cancel(userId, params.streamId);
    }),
  );
  const readerLimit = createReaderLimit(options.readers);
  const events = eventsHandler({
    manager,
    store: options.store,
    responses: options.responses,
    telemetry: options.telemetry,
    patienceMs: options.patienceMs,
  });
  // What makes a process work more is refused while it has enough to do; nginx then asks another one.
  void server.register(async (guarded) => {
    await refuseWhenOverloaded(guarded, options.overload);
    guarded.post(
      '/streams',
      authed(async (request, reply, { userId, address }) => {
        const { created, answer } = await manager.start(userId, parse(startRequestSchema, request.body), address);
        return reply.code(created ? 201 : 200).send(answer);
      }),
    );
    guarded.get<StreamParams & { Querystring: { after?: string } }>(
      '/streams/:streamId/events',
      { exposeHeadRoute: false },
      authed(async (request, reply, caller) => {
        const { streamId } = request.params;
        const reader = await forStream(caller, streamIdIn(request.params));
        const leave = readerLimit.enter({ userId: reader.userId, streamId });
        try {
          return await events(request, reply, reader);
        } finally {
          leave();
        }
      }),
    );
  });

  server.post(
    '/cleanup',
    authed(async (request, _reply, caller) => {
      const { action } = parse(cleanupRequestSchema, request.body ?? {});
      const answer = await cleanup.run({ action, userId: caller.isAdmin ? undefined : caller.userId });
      if (answer === null)
        throw new RejoinError('rate_limited', {
          detail: 'A cleanup is under way. Try again in a moment.',
          retryAfterSeconds: 2,
        });
      return answer;
    }),
  );

  server.get(
    '/analytics',
    authed(async ({ query }, _reply, caller) => {
      if (!caller.isAdmin) throw new RejoinError('forbidden');
      return options.report(parse(analyticsQuerySchema, query));
    }),
  );

  server.get(
    '/chats',
    authed(async (_request, _reply, caller) => ({ chats: await chats.list(caller.userId) })),
  );
  server.delete(
    '/chats',
    authed(async (_request, reply, caller) => {
      await chats.deleteAll(caller.userId);
      return reply.code(204).send();
    }),
  );
  server.get<ChatParams>(
    '/chats/:chatId',
    authed<ChatParams>(async ({ params }, _reply, caller) => chats.get(caller.userId, chatIdIn(params))),
  );
  server.patch<ChatParams>(
    '/chats/:chatId',
    authed<ChatParams>(async ({ params, body }, _reply, caller) =>
      chats.patch(caller.userId, chatIdIn(params), parse(chatPatchSchema, body)),
    ),
  );
  server.delete<ChatParams>(
    '/chats/:chatId',
    authed<ChatParams>(async ({ params }, reply, caller) => {
      await chats.delete(caller.userId, chatIdIn(params));
      return reply.code(204).send();
    }),
  );
  server.get<ChatParams>(
    '/chats/:chatId/stream',
    authed<ChatParams>(async ({ params }, reply, caller) => {
      const latest = await chats.latestStream(caller.userId, chatIdIn(params)).catch(nullWhereNotFound);
      return latest ?? reply.code(204).send();
    }),
  );
  return server;
}

/** An id that no stream or chat can have is one that does not exist. */
function idIn(id: string): string {
  if (!idSchema.safeParse(id).success) throw new RejoinError('not_found');
  return id;
}
const streamIdIn = ({ streamId }: { streamId: string }): string => idIn(streamId);
const chatIdIn = ({ chatId }: { chatId: string }): string => idIn(chatId);

function nullWhereNotFound(error: unknown): null {
  if (error instanceof RejoinError && error.code === 'not_found') return null;
  throw error;
}

const MAX_ISSUES = 5;

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues
    .slice(0, MAX_ISSUES)
    .map(({ path, message }) => ({ path: path.join('.'), message }));
  const { path, message } = issues[0]!;
  throw new RejoinError('invalid_request', {
    detail: path === '' ? message : `"${path}": ${message}`,
    extra: { issues },
  });
}

function answerError(
  error: FastifyError | RejoinError | StoreUnavailable,
  request: FastifyRequest,
  reply: FastifyReply,
  { telemetry, tracing, log }: Pick<ServerOptions, 'telemetry' | 'tracing' | 'log'>,
): void {
  const known = toKnown(error);
  telemetry.refused(known.code);
  const { status } = ERRORS[known.code];
  if (status >= 500) {
    const { code, details } = known;
    const fields = {
      ...logFieldsOf(contextOf(request, tracing)),
      method: request.method,
      route: request.routeOptions.url,
      code,
      detail: details.detail,
    };
    if (PLANNED.has(code)) log.warn({ event: 'request.refused', ...fields, reason: reasonOf(details.cause) });
    else log.error({ event: 'request.failed', ...fields, error: details.cause });
  }
  if (known.details.retryAfterSeconds !== undefined) void reply.header('retry-after', known.details.retryAfterSeconds);
  void reply
    .code(status)
    .type('application/problem+json')
    .send(JSON.stringify(toProblem(known)));
}

const reasonOf = (cause: unknown): string | undefined => (cause instanceof Error ? cause.message : undefined);

/** What asks all the time and says nothing. */
const UNTRACED: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz', '/metrics']);

function contextOf({ id, raw }: FastifyRequest, tracing: Tracing | undefined): RequestContext {
  const traceparent = tracing?.traceparentOf(raw) ?? raw.headers.traceparent;
  return { requestId: id, traceparent: typeof traceparent === 'string' ? traceparent : undefined };
}

const FASTIFY_CODES: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'request_too_large',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
  FST_ERR_MAX_PARAM_LENGTH: 'not_found',
};

function toKnown(error: FastifyError | RejoinError | StoreUnavailable): RejoinError {
  if (error instanceof RejoinError) return error;
  if (error instanceof StoreUnavailable)
    return new RejoinError('store_unavailable', { cause: error, retryAfterSeconds: 2 });
  const code = 'code' in error ? FASTIFY_CODES[error.code] : undefined;
  if (code) return new RejoinError(code, { cause: error });
  if ('statusCode' in error && error.statusCode !== undefined && error.statusCode < 500)
    return new RejoinError('invalid_request', { detail: error.message, cause: error });
  return new RejoinError('internal', { cause: error });
}
