import { Duplex, pipeline, type Readable } from 'node:stream';
import { constants, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
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
 * Sends requests to model servers. Only connecting has a time limit, because the caller decides how long a model may be
 * silent. (By default, undici would end a response after 300 s without a byte.)
 *
 * The request offers only gzip. A response in Brotli or Zstandard is refused before its body is read, because Node's decoders
 * for these encodings have had flaws (for Brotli: CVE-2026-111497).
 *
 * @param useEnvProxy go through the proxy of the environment (HTTPS_PROXY, NO_PROXY), as Node does with NODE_USE_ENV_PROXY
 */
export function createTransport({ useEnvProxy = false } = {}): (post: Post) => Promise<Reply> {
  const options: Agent.Options = {
    headersTimeout: 0,
    bodyTimeout: 0,
    // Idle connections are closed early, because a request fails if the server closes its connection at the same moment.
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
  /* either nobody reads this body any more, or `pipeline` passes the error on to the decoded body, which is read */
};

/**
 * The URL to which a request is sent again. Only 307 and 308 are followed, because they keep the method and the body. The
 * origin must be the same, because the request holds the key and the prompt.
 */
function redirectOf(url: string, status: number, location: string | undefined): string | undefined {
  if ((status !== 307 && status !== 308) || location === undefined || !URL.canParse(location, url)) return undefined;
  const next = new URL(location, url);
  return next.origin === new URL(url).origin ? next.href : undefined;
}

/** Real encodings. Some servers send other names for a body that is not encoded: `none`, `utf-8`, `chunked`. */
const ENCODED = new Set(['gzip', 'x-gzip', 'deflate', 'br', 'zstd', 'compress', 'x-compress']);
const MAX_ENCODINGS = 2;

function decoded(body: Readable, encoding: string | undefined): Readable {
  const names = (encoding ?? '').toLowerCase().split(',');
  const used = names.map((name) => name.trim()).filter((name) => ENCODED.has(name));
  const isReadable = used.length <= MAX_ENCODINGS && used.every((name) => /gzip$|^deflate$/.test(name));
  if (!isReadable) {
    body.on('error', ignore).destroy();
    throw new WireFailure({ code: 'not_understood', detail: 'content-encoding' });
  }
  let plain = body;
  for (const name of used.reverse()) plain = pipeline(plain, unpacking(name), ignore);
  return plain;
}

// Flushes after every piece of input. Otherwise an event would be held back until the next one arrives.
const FLUSHING = { flush: constants.Z_SYNC_FLUSH };

const unpacking = (name: string): Duplex => Duplex.from((source: AsyncIterable<Uint8Array>) => unpacked(source, name));

/** Decodes a body by the header and the first bytes. Some proxies unpack a body and leave the header as it was. */
async function* unpacked(source: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array, void, void> {
  const pieces = source[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done) return;
  const head = first.value;
  async function* all(): AsyncGenerator<Uint8Array, void, void> {
    yield head;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
  }
  const [byte] = head;
  const isGzip = byte === 0x1f;
  if (name !== 'deflate' && !isGzip) return yield* all();
  const isZlib = (byte! & 0x0f) === 8;
  const decoder = isGzip ? createGunzip(FLUSHING) : isZlib ? createInflate(FLUSHING) : createInflateRaw(FLUSHING);
  yield* pipeline(all(), decoder, ignore) as AsyncIterable<Uint8Array>;
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string | undefined> {
  const entries = Object.entries(headers).map(([name, value]) => [
    name.toLowerCase(),
    Array.isArray(value) ? value.join(', ') : value,
  ]);
  return Object.fromEntries(entries) as Record<string, string | undefined>;
}
