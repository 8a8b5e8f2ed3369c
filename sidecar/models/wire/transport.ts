import { pipeline, type Readable } from 'node:stream';
import { createGunzip, constants } from 'node:zlib';
import { Agent, EnvHttpProxyAgent, request, type Dispatcher } from 'undici';
import { WireFailure } from './failures/failure.ts';

export interface Reply {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string | undefined>;
  /** Decoded. Destroying it closes the connection. */
  body: Readable;
}

export interface Post {
  url: string;
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal;
}

const MAX_REDIRECTS = 3;
const CONNECT_TIMEOUT_MS = 15_000;

/**
 * Sends requests to model servers. Once connected, it has no time limits of its own, because the generation decides how
 * long a model may be silent. (undici would end a response after 300 s without a byte.)
 *
 * Only gzip is offered, and an answer that is encoded otherwise is refused before its body is read: Node's decoders of
 * other encodings have had flaws (CVE-2026-111497, Brotli), and a server that ignores the request header is not
 * trusted.
 *
 * @param useEnvProxy go through the proxy of the environment (HTTPS_PROXY, NO_PROXY), as Node does with NODE_USE_ENV_PROXY
 */
export function createTransport({ useEnvProxy = false } = {}): (post: Post) => Promise<Reply> {
  const options: Agent.Options = {
    headersTimeout: 0,
    bodyTimeout: 0,
    // Idle connections are closed early, because a request would fail if the server closes the connection at that
    // moment.
    keepAliveTimeout: 4000,
    connect: { timeout: CONNECT_TIMEOUT_MS },
  };
  const dispatcher: Dispatcher = useEnvProxy ? new EnvHttpProxyAgent(options) : new Agent(options);

  return async (post) => {
    let { url } = post;
    for (let redirects = 0; ; redirects += 1) {
      const { statusCode, headers, body } = await request(url, {
        dispatcher,
        method: 'POST',
        headers: { ...post.headers, 'accept-encoding': 'gzip' },
        body: post.body,
        signal: post.signal,
      });
      const flat = flatten(headers);
      const next = redirects < MAX_REDIRECTS ? redirectOf(url, statusCode, flat.location) : undefined;
      if (next === undefined)
        return { status: statusCode, headers: flat, body: decoded(body, flat['content-encoding']) };
      body.on('error', ignore).destroy();
      url = next;
    }
  };
}

const ignore = (): void => {
  /* nobody reads a response that was given up */
};

/** 307 and 308 keep method and body. Followed within the same origin only: the request holds the key and the prompt. */
function redirectOf(url: string, status: number, location: string | undefined): string | undefined {
  if ((status !== 307 && status !== 308) || location === undefined || !URL.canParse(location, url)) return undefined;
  const next = new URL(location, url);
  return next.origin === new URL(url).origin ? next.href : undefined;
}

function decoded(body: Readable, encoding: string | undefined): Readable {
  const name = encoding?.trim().toLowerCase() ?? '';
  if (name === '' || name === 'identity') return body;
  if (name !== 'gzip' && name !== 'x-gzip') {
    body.on('error', ignore).destroy();
    throw new WireFailure({ code: 'not_understood', detail: 'content-encoding' });
  }
  // Flushes after every input; otherwise an event would wait for the next one.
  const gunzip = createGunzip({ flush: constants.Z_SYNC_FLUSH });
  return pipeline(body, gunzip, ignore);
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string | undefined> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    Array.isArray(value) ? value.join(', ') : value,
  ]);
  return Object.fromEntries(entries) as Record<string, string | undefined>;
}
