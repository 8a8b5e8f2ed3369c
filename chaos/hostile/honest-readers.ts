import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { newId, startBody } from '../../testing/caller.ts';
import { token } from '../../testing/tokens.ts';
import { checkWholeLog, countDeltas } from '../../testing/whole-log.ts';

const CHUNK_CHARS = 40;
const CHUNKS_PER_SECOND = 5;

export interface HonestReport {
  /** Number of answers that arrived whole, according to the proof in each of them. */
  whole: number;
  problems: string[];
  /** For each delta: the time from its emission by the model to its arrival at the reader, in milliseconds. */
  latencies: number[];
}

/** Starts answers, each for a different person, and reads each of them through the app to its end. */
export async function readHonestly({
  url,
  streams,
  seconds,
}: {
  url: string;
  streams: number;
  seconds: number;
}): Promise<HonestReport> {
  const report: HonestReport = { whole: 0, problems: [], latencies: [] };
  const chunks = seconds * CHUNKS_PER_SECOND;
  const modelId = `synthetic/${chunks}x${CHUNK_CHARS}@${CHUNKS_PER_SECOND}`;
  await Promise.all(
    Array.from({ length: streams }, async (_, index) => {
      try {
        const headers = { authorization: `Bearer ${await token({ userId: newId('honest') })}` };
        await delay(index * 10);
        const started = await fetch(`${url}/api/stream/start`, {
          method: 'POST',
          headers,
          body: JSON.stringify(startBody({ modelId })),
        });
        const { streamId } = (await started.json()) as { streamId: string };
        if (started.status !== 201) throw new Error(`the stream was not started: status ${started.status}`);
        const log = await read(`${url}/api/stream/resume/${streamId}`, headers, report.latencies);
        const { text, status } = checkWholeLog(log);
        if (status !== 'completed') throw new Error(`the answer ended with the status ${status}`);
        const counted = countDeltas(text, CHUNK_CHARS);
        if (counted !== chunks) throw new Error(`${counted} of ${chunks} deltas arrived`);
        report.whole += 1;
      } catch (error) {
        report.problems.push(String(error));
      }
    }),
  );
  return report;
}

function read(url: string, headers: Record<string, string>, latencies: number[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    const request = http.get(
      url,
      { headers: { ...headers, accept: 'text/event-stream' }, agent: false },
      (response) => {
        response.on('data', (piece: Buffer) => {
          const nowUs = Number(process.hrtime.bigint() / 1000n);
          // Neighbouring deltas of the model may have been joined into one.
          for (const [, joined] of piece.toString().matchAll(/"delta":"([^"]*)"/g)) {
            for (let at = 0; at < joined!.length; at += CHUNK_CHARS)
              latencies.push((nowUs - emittedAtUs(joined!.slice(at))) / 1000);
          }
          pieces.push(piece);
        });
        response.once('end', () => resolve(Buffer.concat(pieces)));
        response.once('error', reject);
      },
    );
    request.once('error', reject);
  });
}

/** A delta of the synthetic model begins with 6 digits of its number and 10 of its emission time, both in base 36. */
const emittedAtUs = (delta: string): number => Number.parseInt(delta.slice(6, 16), 36);
