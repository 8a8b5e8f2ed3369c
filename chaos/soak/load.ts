import { request as httpRequest } from 'node:http';
import { pause } from '../../scripts/shared/wait.ts';
import { token } from '../../testing/tokens.ts';
import { send } from '../client.ts';
import { isComment, parseFrame, splitPieces, DONE } from '../frames.ts';
import type { Random } from '../random.ts';

const CHUNKS_PER_SECOND = 20;
const CHUNK_CHARS = 24;
const ANSWER_S = [20, 60] as const;
const USERS = 30;
/** Each stream has this many readers. A reader stays for a random time, then leaves, and comes back after a random time. */
const READERS = 2;
const STAYS_MS = [1000, 12_000] as const;
const AWAY_MS = [0, 3000] as const;
const RETRY_MS = 500;
const DAY_S = 24 * 3600;

export interface LoadFigures {
  started: number;
  ended: number;
  connections: number;
  bytes: number;
  problems: string[];
}

/** Keeps `streams` streams running, with readers that come and go. When `signal` aborts, cancels the streams that still run. */
export async function keepLoaded({
  urls,
  streams,
  random,
  signal,
  figures,
}: {
  urls: readonly string[];
  streams: number;
  random: Random;
  signal: AbortSignal;
  figures: LoadFigures;
}): Promise<void> {
  const people = await Promise.all(
    Array.from({ length: USERS }, async (_user, i) => {
      const userId = `user_${i}`;
      return { authorization: `Bearer ${await token({ userId, expiresInSeconds: DAY_S })}` };
    }),
  );
  await Promise.all(
    Array.from({ length: streams }, async (_slot, slot) => {
      const choices = random.fork(String(slot));
      await pause(choices.int(0, 10_000), signal);
      for (let turn = 0; !signal.aborted; turn++) {
        const headers = choices.pick(people);
        await liveThrough({ urls, headers, chatId: `soak-${slot}-${turn}`, random: choices, signal, figures });
      }
    }),
  );
}

interface Turn {
  urls: readonly string[];
  headers: Record<string, string>;
  chatId: string;
  random: Random;
  signal: AbortSignal;
  figures: LoadFigures;
}

async function liveThrough({ urls, headers, chatId, random, signal, figures }: Turn): Promise<void> {
  const chunks = CHUNKS_PER_SECOND * random.int(...ANSWER_S);
  const modelId = `synthetic/${chunks}x${CHUNK_CHARS}@${CHUNKS_PER_SECOND}`;
  const body = { chatId, messageId: 'answer', modelId, messages: [{ role: 'user', content: 'Go on.' }] };
  const answer = await send(random.pick(urls), { method: 'POST', path: '/streams', headers, body }).catch(
    (error: unknown) => ({ status: `no response: ${error instanceof Error ? error.message : 'unknown'}` }),
  );
  if (!('body' in answer) || answer.status !== 201) {
    if (!signal.aborted) figures.problems.push(`a request for a stream got ${answer.status}`);
    return pause(RETRY_MS, signal);
  }
  figures.started += 1;
  const { streamId } = JSON.parse(answer.body) as { streamId: string };
  const path = `/streams/${streamId}`;
  await Promise.all(
    Array.from({ length: READERS }, (_reader, i) =>
      readOn({ urls, path: `${path}/events`, headers, random: random.fork(`${chatId}-${i}`), signal, figures }),
    ),
  );
  if (signal.aborted) await send(random.pick(urls), { method: 'DELETE', path, headers }).catch(() => null);
  figures.ended += 1;
}

interface Reading {
  urls: readonly string[];
  path: string;
  headers: Record<string, string>;
  random: Random;
  signal: AbortSignal;
  figures: LoadFigures;
}

/** One reader that reads to the end of the stream over many connections. Every frame must begin where the last one ended. */
async function readOn({ urls, path, headers, random, signal, figures }: Reading): Promise<void> {
  let lastEventId: string | null = null;
  let position = 0;
  let isDone = false;

  const readOnce = () =>
    new Promise<void>((resolve) => {
      const request = httpRequest(`${random.pick(urls)}${path}`, {
        headers: {
          ...headers,
          accept: 'text/event-stream',
          ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }),
        },
        agent: false,
      });
      const leave = () => request.destroy();
      const timer = setTimeout(leave, random.int(...STAYS_MS));
      signal.addEventListener('abort', leave);
      request.on('error', () => {
        /* the reader left or was cut; `close` follows */
      });
      request.on('close', () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', leave);
        resolve();
      });
      request.on('response', (response) => {
        figures.connections += 1;
        if (response.statusCode !== 200) {
          figures.problems.push(`a reader got ${response.statusCode}`);
          isDone ||= response.statusCode === 404 || response.statusCode === 204;
          return leave();
        }
        if (response.headers['x-stream-reset']) figures.problems.push('a reader was reset');
        let rest: Buffer = Buffer.alloc(0);
        response.on('error', () => {
          /* `close` follows */
        });
        response.on('data', (part: Buffer) => {
          figures.bytes += part.length;
          const split = splitPieces(Buffer.concat([rest, part]));
          rest = split.rest;
          for (const piece of split.pieces) if (!isComment(piece)) take(piece);
        });
      });
      request.end();
    });

  function take(piece: Buffer): void {
    let frame;
    try {
      frame = parseFrame(piece);
    } catch (error) {
      return void figures.problems.push(`a frame after position ${position} cannot be parsed: ${String(error)}`);
    }
    if (frame.start !== position)
      figures.problems.push(`frame ${frame.eventId} begins at ${frame.start}, not at ${position}`);
    position = frame.end;
    lastEventId = frame.eventId;
    isDone = frame.data === DONE;
  }

  while (!isDone && !signal.aborted) {
    await readOnce();
    if (!isDone) await pause(random.int(...AWAY_MS), signal);
  }
}
