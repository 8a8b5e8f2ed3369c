/**
 * Reads a stream of the synthetic model to its end. For each chunk, calls `onLatency` with the milliseconds between the chunk's emission
 * and its arrival.
 */
import http from 'node:http';

export function readLatencies({
  url,
  token,
  chunkChars,
  onLatency,
}: {
  url: string;
  token: string;
  chunkChars: number;
  onLatency: (ms: number) => void;
}): Promise<void> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}`, accept: 'text/event-stream' };
    const request = http.get(url, { headers, agent: false }, (response) => {
      response.on('data', (piece: Buffer) => {
        const nowUs = Number(process.hrtime.bigint() / 1000n);
        // Neighbouring deltas of the model may have been joined into one.
        for (const [, joined] of piece.toString().matchAll(/"delta":"([^"]*)"/g))
          for (let at = 0; at < joined!.length; at += chunkChars) onLatency((nowUs - emittedAtUs(joined!, at)) / 1000);
      });
      response.once('end', resolve);
      response.once('error', reject);
    });
    request.once('error', reject);
  });
}

/** The time of emission in a delta: 10 digits in base 36, after 6 digits with the number of the delta. */
const emittedAtUs = (text: string, at: number): number => Number.parseInt(text.slice(at + 6, at + 16), 36);
