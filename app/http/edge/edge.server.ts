import diagnosticsChannel from 'node:diagnostics_channel';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { RejoinError } from '../../../shared/errors.ts';
import { assertSameOriginOf } from '~/auth/same-origin.server.ts';
import { config, type Config } from '~/process/config.server.ts';
import { assertDeclaredLength, boundBody } from './bounded-body.server.ts';
import { addDefaultHeaders } from './default-headers.server.ts';
import { forwardingHeader } from './forwarding-header.server.ts';
import { isStrayDataRequest } from './page-data.server.ts';
import { hideQuery } from './quiet-address.server.ts';
import { refuse } from './refuse.server.ts';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const BODY_DEADLINE_MS = 60_000;
const BODY_STALL_MS = 10_000;
/** Number of bodies of the largest size that this process may hold at one time. */
const BODIES_HELD = 64;

const guarded = new WeakSet<Server>();

/**
 * Calls {@link guardServer} for every HTTP server of this process, no matter which program created the server: remix-serve, Vite in
 * development, or our own. Node publishes each request to this diagnostics channel before the server's handlers get the request,
 * so a server is guarded from its first request on.
 */
export function guardServers(): void {
  diagnosticsChannel.subscribe('http.server.request.start', (message) => {
    guardServer((message as { server: Server }).server);
  });
}

/**
 * Installs the edge on one server: every request is checked before any handler sees the request, its body is bounded, and the
 * response gets headers that make the response safe to open in a browser.
 */
export function guardServer(server: Server): void {
  if (guarded.has(server)) return;
  guarded.add(server);
  const handlers = server.rawListeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    addDefaultHeaders(request, response);
    hideQuery(request, response);
    const settings = config();
    boundBody(request, response, boundsOf(settings));
    try {
      admit(request, settings);
    } catch (error) {
      return refuse(request, response, error);
    }
    for (const handler of handlers) handler.call(server, request, response);
  });
}

const boundsOf = ({ maxRequestBytes }: Config) => ({
  maxBytes: maxRequestBytes,
  deadlineMs: BODY_DEADLINE_MS,
  stallMs: BODY_STALL_MS,
  maxHeldBytes: BODIES_HELD * maxRequestBytes,
});

/** Throws a `RejoinError` for a request that must not reach a route. */
function admit(request: IncomingMessage, { trustProxy, origins, maxRequestBytes }: Config): void {
  const { method = '', url = '', headers } = request;
  if (!METHODS.has(method)) throw new RejoinError('method_not_allowed');
  assertReadableAddress(request);
  const forwarding = trustProxy === 0 ? forwardingHeader(headers) : undefined;
  if (forwarding !== undefined) {
    throw new RejoinError('untrusted_proxy', {
      detail: `The request has the header ${forwarding}, which only proxies add, but no proxy is configured. Set TRUST_PROXY to the number of proxies before this app, for example TRUST_PROXY=1.`,
    });
  }
  assertSameOriginOf({ method, headers: new Headers(plainHeaders(request)) }, origins);
  // A form on a page of ours with the referrer policy `no-referrer` sends `Origin: null`. Remix would take `null` for another site.
  if (headers.origin === 'null') delete headers.origin;
  // For actions, Remix itself compares the origin with `x-forwarded-host` or `host`, and does not know APP_ORIGIN. So
  // `x-forwarded-host` is set to the host of an allowed origin.
  if (headers.origin !== undefined && origins.includes(headers.origin)) {
    headers['x-forwarded-host'] = new URL(headers.origin).host;
  }
  if (isStrayDataRequest(url)) throw new RejoinError('not_found');
  assertDeclaredLength(request, maxRequestBytes);
}

/** A host name or an IP address, with or without a port. */
const HOST = /^(?:[\w.~-]{1,255}|\[[\da-f:.]{2,45}\])(?::\d{1,5})?$/i;

/** Throws `invalid_request` if Remix could not build a valid URL from the host and the path. */
function assertReadableAddress({ url = '', headers }: IncomingMessage): void {
  const host = headers.host ?? '';
  const forwardedPort = /:(\d{1,32})/.exec(String(headers['x-forwarded-host'] ?? ''))?.[1];
  const isReadable =
    url.startsWith('/') &&
    HOST.test(host) &&
    URL.canParse(`http://${host}${url}`) &&
    (forwardedPort === undefined || Number(forwardedPort) <= 65_535) &&
    isDecodable(url.split('?')[0]!);
  if (!isReadable) throw new RejoinError('invalid_request', { detail: 'The URL of the request is not valid.' });
}

function isDecodable(path: string): boolean {
  try {
    return !decodeURIComponent(path).includes('\0');
  } catch {
    return false; // `%` without two hexadecimal digits after it, or bytes that are not UTF-8
  }
}

const plainHeaders = ({ headers }: IncomingMessage): [string, string][] =>
  ['sec-fetch-site', 'origin', 'cookie', 'host', 'x-forwarded-host'].flatMap((name) => {
    const value = headers[name];
    return typeof value === 'string' ? [[name, value] as [string, string]] : [];
  });
