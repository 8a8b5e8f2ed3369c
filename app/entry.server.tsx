import { randomBytes } from 'node:crypto';
import { PassThrough } from 'node:stream';
import { createReadableStreamFromReadable, type EntryContext, type HandleErrorFunction } from '@remix-run/node';
import { isRouteErrorResponse, RemixServer } from '@remix-run/react';
import { isbot } from 'isbot';
import { renderToPipeableStream } from 'react-dom/server';
import { guardServers } from './http/edge/edge.server.ts';
import { config } from './process/config.server.ts';
import { clientSignal, currentExchange } from './process/exchange.server.ts';
import { log } from './process/log.server.ts';
import { loggedPath } from './process/logged-path.server.ts';
import { NonceContext } from './http/nonce.ts';
import { WordsContext } from './words/words.ts';
import { wordsFor } from './words/words.server.ts';
import { securityHeaders } from './http/security-headers.server.ts';
import { startTracing } from './process/tracing.server.ts';
import './markdown/formulas/formulas.server.ts';

// Reads the settings now, so that wrong ones end the process at its start and not at the first request.
const { otlpEndpoint } = config();
guardServers();
if (otlpEndpoint !== null) await startTracing({ endpoint: otlpEndpoint });

/** Milliseconds that a page waits for data that its loaders deferred. */
export const streamTimeout = 5_000;

/** Renders a page. People get the response as soon as the shell of the page is ready, robots when the page is complete. */
export default function handleDocumentRequest(
  request: Request,
  status: number,
  headers: Headers,
  context: EntryContext,
): Promise<Response> {
  const nonce = randomBytes(16).toString('base64');
  // Some robots do not run the scripts that insert the late parts of a page.
  const isRobot = isbot(request.headers.get('user-agent') ?? '');
  const gone = clientSignal();
  return new Promise((resolve, reject) => {
    let isShellReady = false;
    const respond = () => {
      const body = new PassThrough();
      headers.set('content-type', 'text/html; charset=utf-8');
      if (headers.get('cache-control') !== 'no-store') headers.set('cache-control', 'private, no-cache');
      for (const [name, value] of Object.entries(securityHeaders(nonce))) headers.set(name, value);
      resolve(new Response(createReadableStreamFromReadable(body), { headers, status }));
      pipe(body);
    };
    const { pipe, abort } = renderToPipeableStream(
      <NonceContext.Provider value={nonce}>
        <WordsContext.Provider value={wordsFor(request)}>
          <RemixServer context={context} url={request.url} abortDelay={streamTimeout} nonce={nonce} />
        </WordsContext.Provider>
      </NonceContext.Provider>,
      {
        nonce,
        onShellReady() {
          isShellReady = true;
          if (!isRobot) respond();
        },
        onAllReady() {
          if (isRobot) respond();
        },
        onShellError: reject,
        onError(error: unknown) {
          // An error before the shell is ready rejects the promise, and the caller logs it.
          if (isShellReady && !gone.aborted) logError(error);
        },
      },
    );
    gone.addEventListener('abort', () => abort(), { once: true });
    setTimeout(abort, streamTimeout + 1_000).unref();
  });
}

/** Adds headers to a response with loaders' data. The browser fetches such data when a person goes to another page. */
export function handleDataRequest(response: Response): Response {
  if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'private, no-cache');
  response.headers.set('x-content-type-options', 'nosniff');
  return response;
}

/** Reports an error that a loader, an action or the rendering of a page threw. */
export const handleError: HandleErrorFunction = (error, { request }) => {
  const isTheirs = isRouteErrorResponse(error) && error.status < 500;
  if (!isTheirs && !request.signal.aborted) logError(error);
};

function logError(error: unknown): void {
  const exchange = currentExchange();
  const path = loggedPath(exchange?.request.url);
  const method = exchange?.request.method;
  log.error({ event: 'page.failed', requestId: exchange?.requestId, method, path, error });
}
