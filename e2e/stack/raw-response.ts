import { request } from 'node:http';

export interface RawRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

export interface RawResponse {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** The part of the body that has arrived. */
  readonly body: string;
  /**
   * `clean`: the body is complete according to HTTP. In HTTP/1.0 without a content length, a body is complete when the connection is
   * closed with a FIN. `cut`: the connection ended before the end of the body.
   */
  readonly ended: Promise<'clean' | 'cut'>;
  /** Resolves when the body contains the text. Rejects if the response ends first. */
  until(text: string): Promise<void>;
  leave(): void;
}

/** Sends one request on its own connection. Resolves when the head of the response has arrived. */
export function openResponse(
  url: string,
  { method = 'GET', headers = {}, body }: RawRequest = {},
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false });
    sent.on('error', reject); // has no effect once the promise is resolved
    sent.on('response', (response) => {
      let received = '';
      const waiting = new Set<() => void>();
      const check = () => waiting.forEach((look) => look());
      response.setEncoding('utf8').on('data', (text: string) => {
        received += text;
        check();
      });
      response.on('error', () => {}); // `close` tells how the response ended
      let how: 'clean' | 'cut' | null = null;
      const ended = new Promise<'clean' | 'cut'>((settle) => {
        response.once('close', () => {
          how = response.complete && response.readableEnded ? 'clean' : 'cut';
          settle(how);
          check();
        });
      });
      resolve({
        status: response.statusCode!,
        headers: response.headers,
        get body() {
          return received;
        },
        ended,
        until: (text) =>
          new Promise((found, failed) => {
            const look = () => {
              if (received.includes(text)) found();
              else if (how) failed(new Error(`the response ended (${how}) before "${text}"`));
              else return;
              waiting.delete(look);
            };
            waiting.add(look);
            look();
          }),
        leave: () => void response.destroy(),
      });
    });
    sent.end(body);
  });
}
