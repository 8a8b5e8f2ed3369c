/** The simplest route that passes a stream on with `fetch`, without authentication or checks. No such route can cost less. */
import http from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { listen } from './contract.ts';

const upstream = process.env.SIDECAR_URL!;

listen(
  http.createServer(async (request, response) => {
    const left = new AbortController();
    response.on('close', () => left.abort());
    try {
      const headers: Record<string, string> = {};
      for (const name of ['authorization', 'accept', 'last-event-id']) {
        const value = request.headers[name];
        if (typeof value === 'string') headers[name] = value;
      }
      const answer = await fetch(upstream + request.url!, { headers, signal: left.signal });
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
      response.flushHeaders();
      if (answer.body) await pipeline(Readable.fromWeb(answer.body as never), response);
      else response.end();
    } catch {
      response.destroy();
    }
  }),
);
