import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyRequest } from 'fastify';
import { RejoinError } from '../../shared/errors.ts';
import { MAX_ID_CHARS } from '../../shared/ids.ts';
import { refuseWhenOverloaded, type OverloadLimits } from '../limits/overload.ts';
import { createReaderLimit } from '../limits/reader-limit.ts';
import type { Log } from '../log.ts';
import { onBehalfOf, plainRequestId, type RequestContext } from '../telemetry/request-context.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import { createErrorHandler } from './answer-error.ts';
import { addEndpoint, API_PREFIX } from './endpoint.ts';
import { ENDPOINTS } from './endpoints.ts';
import { describeEndpoints } from './openapi/document.ts';
import { readJsonBodies } from './read-json.ts';
import type { Services } from './services.ts';
import { validateByZod } from './validate.ts';

export interface ServerOptions extends Omit<Services, 'readerLimit'> {
  /** Left out if no spans are collected. */
  tracing?: Tracing;
  log: Log;
  maxRequestBytes: number;
  readers: { perStream: number; perUser: number };
  overload: OverloadLimits;
}

/** The HTTP server with the sidecar's endpoints. What each of them does is in routes/. */
export function createServer(options: ServerOptions): FastifyInstance {
  const { tracing, log, telemetry, maxRequestBytes, readers, overload, ...rest } = options;
  const services: Services = { ...rest, telemetry, readerLimit: createReaderLimit(readers) };
  const contextOf = (request: FastifyRequest) => requestContext(request, tracing);
  const answerError = createErrorHandler({ telemetry, log, contextOf });
  const server = Fastify({
    logger: false,
    bodyLimit: maxRequestBytes,
    requestIdHeader: false,
    genReqId: ({ headers }) => plainRequestId(headers['x-request-id']) ?? randomUUID(),
    forceCloseConnections: true,
    routerOptions: { maxParamLength: MAX_ID_CHARS },
    // Errors of the router itself: a URL that cannot be decoded, or an id in it that is too long.
    frameworkErrors: answerError,
  });
  readJsonBodies(server);
  server.setValidatorCompiler(validateByZod);
  // Responses are not validated here. The tests compare the responses of a real run with the schemas.
  server.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
  server.setErrorHandler(answerError);
  server.setNotFoundHandler((request, reply) => answerError(new RejoinError('not_found'), request, reply));
  server.decorateRequest('caller', null);
  server.addHook('onRequest', (request, reply, done) => {
    void reply.header('x-request-id', request.id);
    const route = request.routeOptions.url;
    if (!UNTRACED.has(route)) tracing?.follow(request.raw, reply.raw, route);
    done();
  });
  // This hook cannot be `onRequest`: an asynchronous context that begins in `onRequest` is lost when the body is read.
  server.addHook('preHandler', (request, _reply, done) => onBehalfOf(contextOf(request), done));

  void server.register(async (scope) => {
    await describeEndpoints(scope);
    refuseOtherMethods(scope);
    for (const each of ENDPOINTS) if (!each.addsLoad) addEndpoint(scope, each, services);
    await scope.register(async (guarded) => {
      // A request that adds load is refused while this process is short of memory or its event loop is slow.
      await refuseWhenOverloaded(guarded, overload);
      for (const each of ENDPOINTS) if (each.addsLoad) addEndpoint(guarded, each, services);
    });
  });
  return server;
}

/** Responds with 405 and `Allow` to the methods that the path of an endpoint does not support. */
function refuseOtherMethods(server: FastifyInstance): void {
  for (const [path, endpoints] of Map.groupBy(ENDPOINTS, ({ path }) => path)) {
    const allowed = endpoints.flatMap(({ method, addsLoad }) =>
      method === 'GET' && !addsLoad ? ['GET', 'HEAD'] : [method],
    );
    const allow = allowed.sort().join(', ');
    for (const prefix of ['', API_PREFIX])
      server.route({
        method: server.supportedMethods.filter((method) => !allowed.includes(method)),
        url: prefix + path,
        schema: { hide: true },
        exposeHeadRoute: false,
        // This runs before the body is read.
        onRequest: async () => {
          throw new RejoinError('method_not_allowed', { detail: `Use ${allow}.`, headers: { allow } });
        },
        handler: () => {},
      });
  }
}

/** Probes request these paths every few seconds, so they are left out of the traces. */
const UNTRACED: ReadonlySet<string | undefined> = new Set(
  ['/healthz', '/readyz', '/metrics'].flatMap((path) => [path, API_PREFIX + path]),
);

function requestContext({ id, raw }: FastifyRequest, tracing: Tracing | undefined): RequestContext {
  const traceparent = tracing?.traceparentOf(raw) ?? raw.headers.traceparent;
  return { requestId: id, traceparent: typeof traceparent === 'string' ? traceparent : undefined };
}
