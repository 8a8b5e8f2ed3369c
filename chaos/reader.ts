import { request as httpRequest, type IncomingMessage } from 'node:http';
import { pause } from '../scripts/wait.ts';
import type { Client } from './client.ts';
import { isComment, parseFrame, splitPieces, DONE, type Frame } from './frames.ts';
import type { Random } from './random.ts';

/** How somebody reads. */
export interface ReaderPlan {
  /** After the stream was started. */
  joinAfterMs: number;
  /** It goes away after so many bytes of a connection, often inside a frame; `null`: it stays. */
  leaveAfterBytes: readonly [number, number] | null;
  /** For how long it is away. */
  awayMs: readonly [number, number];
  /** It stops reading for so long now and then; 0: it reads as fast as it can. */
  dawdleMs: number;
  /** How it says where it was: `Last-Event-ID`, or `?after=`. */
  place: 'header' | 'query';
}

/** What one reader has seen of one stream. */
export interface ReaderRecord {
  name: string;
  /** Since it last began at the beginning: bytes of whole frames, without a gap by their own positions. */
  frames: Buffer[];
  /** Where these begin in the log. */
  start: number;
  lastEventId: string | null;
  hasDone: boolean;
  connections: number;
  /** How often it left by itself. */
  leaves: number;
  /** How often its connection was broken or did not come about. */
  cuts: number;
  /** How often it was told to begin anew. */
  resets: number;
  end: 'done' | 'gone' | 'gave up';
  problems: string[];
}

/** Nothing for so long, not even an answer: a frozen sidecar, so another is tried. */
const SILENCE_MS = 5000;
const RETRY_MS = 100;
/** Then it stays: what it comes back for may be one frame that is larger than what it takes at once. */
const MAX_LEAVES = 12;
const ANSWERED_WITHIN_MS = 20_000;
/** A stream that is not found may be written anew by its owner in a moment. */
const GONE_TRIES = 40;

/** Reads a stream to its end through any number of connections to any sidecar, always from the last whole event on. */
export async function readToEnd({
  name,
  streamId,
  client,
  plan,
  random,
  giveUpAfterMs,
  mayBeGone,
}: {
  name: string;
  streamId: string;
  client: Client;
  plan: ReaderPlan;
  random: Random;
  giveUpAfterMs: number;
  /** Redis may lose the stream altogether. */
  mayBeGone: boolean;
}): Promise<ReaderRecord> {
  const record: ReaderRecord = {
    name,
    frames: [],
    start: 0,
    lastEventId: null,
    hasDone: false,
    connections: 0,
    leaves: 0,
    cuts: 0,
    resets: 0,
    end: 'gave up',
    problems: [],
  };
  await pause(plan.joinAfterMs);
  const until = Date.now() + giveUpAfterMs;
  let missed = 0;
  while (Date.now() < until && record.problems.length === 0) {
    const outcome = await connectOnce({ record, streamId, client, plan, random });
    if (outcome === 'not found') {
      missed += 1;
      if (!mayBeGone) record.problems.push('was told that the stream does not exist');
      if (missed === GONE_TRIES) {
        record.end = 'gone';
        return record;
      }
    } else if (outcome !== 'broken') missed = 0;
    if (record.hasDone) {
      record.end = 'done';
      const comesBack = !mayBeGone && random.chance(0.3);
      if (record.problems.length === 0 && comesBack) await comeBackAfterTheEnd({ record, streamId, client, random });
      return record;
    }
    await pause(outcome === 'left' ? random.between(...plan.awayMs) : RETRY_MS);
  }
  return record;
}

type Outcome = 'ended' | 'left' | 'broken' | 'not found';

interface Connection {
  record: ReaderRecord;
  streamId: string;
  client: Client;
  plan: ReaderPlan;
  random: Random;
}

function connectOnce({ record, streamId, client, plan, random }: Connection): Promise<Outcome> {
  const { lastEventId } = record;
  const query = lastEventId !== null && plan.place === 'query' ? `?after=${lastEventId}` : '';
  const stays = plan.leaveAfterBytes === null || record.leaves >= MAX_LEAVES;
  const leaveAfter = stays ? Infinity : random.between(...plan.leaveAfterBytes!);
  const request = httpRequest(`${client.anyUrl(random)}/streams/${streamId}/events${query}`, {
    headers: {
      ...client.headers,
      accept: 'text/event-stream',
      ...(lastEventId !== null && plan.place === 'header' ? { 'last-event-id': lastEventId } : {}),
    },
    agent: false,
  });
  return new Promise((resolve) => {
    let silence: NodeJS.Timeout;
    let isOver = false;
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(() => finish('broken'), SILENCE_MS);
    };
    const finish = (outcome: Outcome) => {
      clearTimeout(silence);
      if (isOver) return;
      isOver = true;
      request.destroy();
      if (outcome === 'broken') record.cuts += 1;
      if (outcome === 'left') record.leaves += 1;
      resolve(outcome);
    };
    listen();
    request.on('error', () => finish('broken'));
    request.on('response', (response) => {
      response.on('error', () => finish('broken'));
      record.connections += 1;
      if (response.statusCode !== 200) return finish(refused(record, response));
      if (response.headers['x-stream-reset'] === '1') begin(record);
      else if (lastEventId === null) begin(record, { isFirst: true });
      let pending: Buffer = Buffer.alloc(0);
      let taken = 0;
      response.on('data', (part: Buffer) => {
        if (isOver) return;
        listen();
        // A reader that leaves has not read on to the end of a frame.
        const read = part.subarray(0, Math.max(0, leaveAfter - taken));
        taken += read.length;
        const { pieces, rest } = splitPieces(Buffer.concat([pending, read]));
        pending = rest;
        try {
          for (const piece of pieces) if (!isComment(piece)) take(record, parseFrame(piece));
        } catch (error) {
          record.problems.push(error instanceof Error ? error.message : String(error));
          return finish('broken');
        }
        if (taken >= leaveAfter && !record.hasDone) return finish('left');
        if (plan.dawdleMs > 0 && random.chance(0.1)) dawdle(response, random.between(0, plan.dawdleMs), listen);
      });
      response.on('end', () => {
        if (isOver) return;
        if (!record.hasDone && response.complete) record.problems.push('a response ended cleanly without [DONE]');
        else if (pending.length > 0) record.problems.push('a response ended cleanly inside a frame');
        finish('ended');
      });
      response.on('close', () => finish('broken'));
    });
    request.end();
  });
}

function dawdle(response: IncomingMessage, ms: number, listen: () => void): void {
  response.pause();
  setTimeout(() => {
    listen();
    response.resume();
  }, ms);
}

function refused(record: ReaderRecord, response: IncomingMessage): Outcome {
  response.resume();
  switch (response.statusCode) {
    case 204:
      record.problems.push(`was told after ${record.lastEventId} that there is nothing more, without [DONE]`);
      return 'ended';
    case 404:
      return 'not found';
    case 503:
      return 'broken';
    default:
      record.problems.push(`was answered ${response.statusCode}`);
      return 'broken';
  }
}

function begin(record: ReaderRecord, { isFirst = false } = {}): void {
  if (!isFirst) {
    record.resets += 1;
    if (record.lastEventId === null) record.problems.push('was told to begin anew before it had begun');
  }
  record.frames = [];
  record.lastEventId = null;
}

function take(record: ReaderRecord, frame: Frame): void {
  if (record.hasDone) throw new Error(`frame ${frame.eventId} came after [DONE]`);
  const place = record.frames.length === 0 ? frame.start : Number(record.lastEventId!.split('-')[1]);
  if (record.frames.length === 0) record.start = frame.start;
  if (frame.start !== place) throw new Error(`frame ${frame.eventId} begins at ${frame.start}, not at ${place}`);
  record.frames.push(frame.bytes);
  record.lastEventId = frame.eventId;
  record.hasDone = frame.data === DONE;
}

/** As an `EventSource` does: only a 204 stops it. */
async function comeBackAfterTheEnd({ record, streamId, client, random }: Omit<Connection, 'plan'>): Promise<void> {
  const answer = await client
    .ask(
      {
        path: `/streams/${streamId}/events`,
        headers: { accept: 'text/event-stream', 'last-event-id': record.lastEventId! },
      },
      { random, withinMs: ANSWERED_WITHIN_MS },
    )
    .catch(() => null); // nobody answers now, which is checked elsewhere
  if (answer !== null && answer.status !== 204) record.problems.push(`after [DONE] it was answered ${answer.status}`);
}
