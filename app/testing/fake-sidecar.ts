import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface SidecarRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}
export type SidecarReply = (request: SidecarRequest, response: ServerResponse) => void;

/** A server that replaces the sidecar. It answers as the test says, and records the requests. */
export interface FakeSidecar {
  url: string;
  requests: SidecarRequest[];
  /** The responses that are not finished and whose connection is still open. A response is added as soon as its request comes in. */
  open: Set<ServerResponse>;
  close(): Promise<void>;
}

export async function startFakeSidecar(reply: SidecarReply): Promise<FakeSidecar> {
  const requests: SidecarRequest[] = [];
  const open = new Set<ServerResponse>();
  const server = createServer(async (request, response) => {
    open.add(response);
    response.on('close', () => open.delete(response));
    const asked = { method: request.method!, path: request.url!, headers: request.headers, body: await text(request) };
    requests.push(asked);
    reply(asked, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    open,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

export const replyJson = (response: ServerResponse, body: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
