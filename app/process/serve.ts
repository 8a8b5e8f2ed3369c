/**
 * The app's process in production: `node app/process/serve.ts`. It serves the build and its files, as remix-serve does, but with
 * our own log: remix-serve logs every URL with its query, which may contain people's words and tokens.
 */
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createRequestHandler } from '@remix-run/express';
import { installGlobals, type ServerBuild } from '@remix-run/node';
import compression from 'compression';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import expressStaticGzip from 'express-static-gzip';
import { config } from './config.server.ts';
import { currentExchange } from './exchange.server.ts';
import { log } from './log.server.ts';
import { loggedPath } from './logged-path.server.ts';

/** Readers that are still connected this long after SIGTERM are cut off. They reconnect to another app process. */
const STOP_GRACE_MS = 5_000;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 90_000;
const CHECKED_EVERY_MS = 2_000;

process.env.NODE_ENV ??= 'production';
const { host, port } = config();
const buildFile = join(fileURLToPath(new URL('../..', import.meta.url)), 'build/server/index.js');
const build = (await import(pathToFileURL(buildFile).href)) as ServerBuild;
installGlobals({ nativeFetch: true });

const logRequest: RequestHandler = (request, response, next) => {
  const startedAt = performance.now();
  const requestId = currentExchange()?.requestId;
  response.once('close', () => {
    const path = loggedPath(request.originalUrl);
    const durationMs = Math.round(performance.now() - startedAt);
    const { statusCode: status, writableFinished: isWhole } = response;
    log.info({ event: 'request', requestId, method: request.method, path, status, durationMs, isWhole });
  });
  next();
};

/** Handles errors that neither a route nor Remix has handled. */
const answerError: ErrorRequestHandler = (error, request, response, _next) => {
  const path = loggedPath(request.originalUrl);
  log.error({ event: 'request.failed', requestId: currentExchange()?.requestId, method: request.method, path, error });
  if (response.headersSent) return void request.socket.resetAndDestroy();
  response.status(500).type('text/plain').send('Something went wrong on our side.');
};

const files = join(dirname(buildFile), '../client');
const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use(compression());
app.use(
  '/assets',
  expressStaticGzip(join(files, 'assets'), {
    enableBrotli: true,
    index: false,
    serveStatic: { immutable: true, maxAge: '1y', redirect: false },
  }),
);
app.use(express.static(files, { maxAge: '1h', index: false, redirect: false }));
app.use(logRequest);
app.all('*', createRequestHandler({ build, mode: process.env.NODE_ENV }) as unknown as RequestHandler);
app.use(answerError);

const server = createServer(
  {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: CHECKED_EVERY_MS,
  },
  app,
);
server.on('error', (error: NodeJS.ErrnoException) => {
  // The exit may lose the log line, so the person who starts the app also gets a message on standard error.
  if (error.code === 'EADDRINUSE')
    process.stderr.write(
      `[rejoin] Another program listens on ${host ?? 'this machine'}:${port}: set PORT to a free one.\n`,
    );
  log.error({ event: 'app.failed', error });
  process.exit(1);
});
server.listen(port, host, () => log.info({ event: 'app.listening', host, port }));

function stop(): void {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => server.closeAllConnections(), STOP_GRACE_MS).unref();
}
process.once('SIGTERM', stop).once('SIGINT', stop);
