import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { RejoinError, type ErrorCode } from '../../shared/errors.ts';
import { assertJsonType } from '../../shared/parse-request.ts';
import type { Caller } from './auth.ts';
import { describedAnswers, NOT_HTTP, problemAnswers, type Answer } from './openapi/answers.ts';
import type { Services } from './services.ts';

type Schema = z.ZodType;
type Parsed<S> = S extends Schema ? z.output<S> : undefined;

/** The arguments of an endpoint: the parsed parts of the request, and the request and reply themselves. */
export interface Call<Params, Query, Headers, Body> {
  params: Parsed<Params>;
  query: Parsed<Query>;
  headers: Parsed<Headers>;
  body: Parsed<Body>;
  /** Throws if the endpoint's `access` is `anyone`: such a request has no caller. */
  caller: Caller;
  request: FastifyRequest;
  reply: FastifyReply;
}

/**
 * One method of one path: its description, how its request is parsed, and what handles it. The server and the OpenAPI document
 * use the same object, so that the document says what the server does.
 */
export interface Endpoint<
  Params extends Schema | undefined = undefined,
  Query extends Schema | undefined = undefined,
  Headers extends Schema | undefined = undefined,
  Body extends Schema | undefined = undefined,
> {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** The path without the version, with parameters as Fastify writes them (`:name`). */
  path: string;
  operationId: string;
  summary: string;
  description?: string;
  tag: 'streams' | 'chats' | 'rooms' | 'templates' | 'shares' | 'operation';
  /** Who may call the endpoint. Default: everyone with a token. */
  access?: 'anyone' | 'caller' | 'admin';
  /** True for endpoints that add load. They are refused with `overloaded` while memory is short or the event loop is slow. */
  addsLoad?: boolean;
  params?: Params;
  query?: Query;
  /** Keys in lower case. Use `z.looseObject`, so that the other headers are kept. */
  headers?: Headers;
  body?: Body;
  answers: Record<number, Answer>;
  /** The errors of this endpoint in addition to those that `schemaOf` adds. */
  errors?: readonly ErrorCode[];
  /** Handles a request. The result is sent as JSON with status 200, unless this function has used `reply` itself. */
  handle(call: Call<Params, Query, Headers, Body>, services: Services): unknown;
}

/** Any endpoint, without its own types. */
export type AnyEndpoint = Endpoint<Schema | undefined, Schema | undefined, Schema | undefined, Schema | undefined>;

/** Makes TypeScript check the types of an endpoint against its schemas. */
export function endpoint<
  Params extends Schema | undefined = undefined,
  Query extends Schema | undefined = undefined,
  Headers extends Schema | undefined = undefined,
  Body extends Schema | undefined = undefined,
>(definition: Endpoint<Params, Query, Headers, Body>): AnyEndpoint {
  return definition as unknown as AnyEndpoint;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
  }
}

/**
 * The version of the API. Paths without it are served too, and always mean this version. See
 * docs/decisions/0012-version-in-the-path.md.
 */
export const API_PREFIX = '/v1';

export function addEndpoint(server: FastifyInstance, definition: AnyEndpoint, services: Services): void {
  addRoute(server, definition, { services, prefix: '' });
  addRoute(server, definition, { services, prefix: API_PREFIX });
}

function addRoute(
  server: FastifyInstance,
  definition: AnyEndpoint,
  { services, prefix }: { services: Services; prefix: string },
): void {
  const { method, path, access = 'caller' } = definition;
  server.route({
    method,
    url: prefix + path,
    exposeHeadRoute: method === 'GET' && !definition.addsLoad,
    // The OpenAPI document describes only the route without the version, because its server URL already contains the version.
    schema: { ...schemaOf(definition), hide: prefix !== '' },
    // This runs before the body is read, so that only a known caller can send a large body.
    onRequest: async (request) => {
      if (access !== 'anyone') request.caller = await services.authenticate(request.headers.authorization);
      if (access === 'admin' && !request.caller?.isAdmin) throw new RejoinError('forbidden');
      if (definition.body && hasBody(request)) assertJsonType(typeOf(request));
    },
    handler: async (request, reply) =>
      definition.handle(
        {
          params: request.params,
          query: request.query,
          headers: request.headers,
          body: request.body,
          get caller() {
            if (request.caller === null) throw new Error(`${method} ${path} is open to anyone and has no caller`);
            return request.caller;
          },
          request,
          reply,
        },
        services,
      ),
  });
}

const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

const typeOf = ({ headers }: FastifyRequest) => ({
  contentType: headers['content-type'],
  contentEncoding: headers['content-encoding'],
});

/** Errors that every endpoint with authentication can return. */
const EVERYWHERE = ['unauthorized', 'rate_limited', 'internal', 'store_unavailable', 'overloaded'] as const;
const BAD_BODY = ['malformed_json', 'invalid_request', 'request_too_large', 'unsupported_media_type'] as const;

/** The schema of the endpoint for Fastify. The OpenAPI document is made from the same schema. */
function schemaOf(definition: AnyEndpoint) {
  const { operationId, path, summary, description, tag, params, query, headers, body, answers, access } = definition;
  const codes = new Set<ErrorCode>([
    ...(body ? BAD_BODY : []),
    ...(query ? (['invalid_request'] as const) : []),
    ...(params ? (['not_found'] as const) : []),
    // The chat may be a room, and the role of the caller may be too low.
    ...(/:(chat|stream)Id/.test(path) ? (['role_required'] as const) : []),
    ...(access === 'admin' ? (['forbidden'] as const) : []),
    ...(definition.errors ?? []),
    ...(access === 'anyone' ? [] : EVERYWHERE),
  ]);
  return {
    operationId,
    summary,
    ...(description === undefined ? {} : { description }),
    tags: [tag],
    ...(access === 'anyone' ? { security: [] } : {}),
    ...(params && { params }),
    ...(query && { querystring: query }),
    ...(headers && { headers }),
    ...(body && { body }),
    response: { ...describedAnswers(answers), ...problemAnswers([...codes]), ...(access === 'anyone' ? NOT_HTTP : {}) },
  };
}
