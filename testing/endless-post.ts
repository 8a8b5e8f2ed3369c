import http from 'node:http';

export interface EndlessPost {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  /** The body ends after this many bytes if the server has not closed the connection before. */
  limitBytes: number;
  /** The body is this chunk, repeated. Default: 64 KiB of `x`. */
  chunk?: Buffer;
}

export interface EndlessAnswer {
  /** `null`: the connection was closed without a response. */
  status: number | null;
  headers: http.IncomingHttpHeaders;
  text: string;
  /** Number of bytes that were passed to the socket. */
  sentBytes: number;
}

/** Sends a body until the server closes the connection or `limitBytes` have been sent. Resolves to the response. */
export function postEndlessly({ url, method = 'POST', headers = {}, limitBytes, chunk }: EndlessPost) {
  const piece = chunk ?? Buffer.alloc(64 * 1024, 'x');
  return new Promise<EndlessAnswer>((resolve) => {
    let sentBytes = 0;
    const answer: EndlessAnswer = { status: null, headers: {}, text: '', sentBytes: 0 };
    const request = http.request(url, { method, headers, agent: false });
    const done = () => resolve({ ...answer, sentBytes });
    const send = () => {
      while (sentBytes < limitBytes && !request.destroyed) {
        sentBytes += piece.length;
        if (!request.write(piece)) return void request.once('drain', send);
      }
      request.end();
    };
    request.on('response', (response) => {
      answer.status = response.statusCode ?? null;
      answer.headers = response.headers;
      response.setEncoding('utf8').on('data', (text: string) => (answer.text += text));
      response.on('error', () => {});
    });
    // Every error is followed by a `close` event.
    request.on('error', () => {});
    request.once('close', done);
    send();
  });
}
