import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ProviderServer {
  /** Without a path. */
  url: string;
  /** The bodies of the requests so far. */
  requests: Record<string, unknown>[];
  /** Number of responses that have ended: sent completely, or given up by the caller. */
  closed: number;
  stop(): Promise<void>;
}

/**
 * A model server for responses that aimock (the npm package) cannot give. `respond` writes the whole response to each
 * request.
 */
export async function startProviderServer(
  respond: (response: ServerResponse, body: Record<string, unknown>) => void | Promise<void>,
): Promise<ProviderServer> {
  const requests: Record<string, unknown>[] = [];
  let closed = 0;
  const server = createServer((request, response) => {
    let text = '';
    response.on('close', () => (closed += 1));
    request.setEncoding('utf8');
    request.on('data', (data) => (text += data));
    request.on('end', () => {
      const body = JSON.parse(text) as Record<string, unknown>;
      requests.push(body);
      void respond(response, body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get closed() {
      return closed;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Writes server-sent events with these values as JSON. The first call also sends the head of the response. */
export function writeEvents(response: ServerResponse, ...events: unknown[]): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const event of events) response.write(`data: ${JSON.stringify(event)}\n\n`);
}

export function writeError(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** An event of Gemini's stream with a piece of text. */
export const geminiText = (text: string, more: Record<string, unknown> = {}) => ({
  candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0, ...more }],
});
