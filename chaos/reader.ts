import { request as httpRequest, type IncomingMessage } from 'node:http';
import { pause } from '../scripts/shared/wait.ts';
import type { Client } from './client.ts';
import { isComment, isPlace, parseFrame, splitPieces, DONE, type Frame } from './frames.ts';
import type { Random } from './random.ts';

export interface ReaderPlan {
  /** Delay after the stream was started. */
  joinAfterMs: number;
  /** The reader leaves a connection after a random number of bytes in this range, often inside a frame. `null`: it stays. */
  leaveAfterBytes: readonly [number, number] | null;
  /** Range of the time after which the reader comes back. */
  awayMs: readonly [number, number];
  /** Now and then the reader pauses for up to this time. 0: it reads as fast as it can. */
  dawdleMs: number;
  /** How the reader sends its last event id: in `Last-Event-ID`, or in `?after=`. */
  place: 'header' | 'query';
}

export interface ReaderRecord {
  name: string;
  /** The bytes of all complete frames since the last response with `X-Stream-Reset`, or since the beginning. */
  frames: Buffer[];
  /** Position in the log where `frames` begins. */
  start: number;
  lastEventId: string | null;
  hasDone: boolean;
  connections: number;
  /** How often the reader left by itself. */
  leaves: number;
  /** How often a connection broke or could not be opened. */
  cuts: number;
  /** How often a response had `X-Stream-Reset`, which tells the reader to forget the frames that it has. */
  resets: number;
  end: 'done' | 'gone' | 'gave up';
  problems: string[];
  /** One line per connection, to understand a problem. */
  trail: string[];
}

/** A reader that receives no frame for this long tries another sidecar, because the current one may be frozen. */
const SILENCE_MS = 5000;
/**
 * On some connections the reader is patient and waits this long instead. Every fault is shorter, so if the reader still lacks
 * stored frames after this time, the sidecar has forgotten the reader.
 */
const FORGOTTEN_MS = 40_000;
const RETRY_MS = 100;
/**
 * After a reader has left this often, it stays. A reader that always leaves before the end of a long frame would never get past
 * that frame.
 */
const MAX_LEAVES = 12;
const ANSWERED_WITHIN_MS = 20_000;
/** After this many 404s in a row a stream counts as gone. After fewer, the owner of the stream may still store the stream again. */
const GONE_TRIES = 40;

/** Reads a stream to its end over any number of connections to any sidecar. Each connection goes on after the last whole event. */
export async function readToEnd({
  name,
  streamId,
  client,
  plan,
  random,
  giveUpAfterMs,
  mayBeGone,
  logLength,
  onEvent = () => {},
}: {
  name: string;
  streamId: string;
  client: Client;
  plan: ReaderPlan;
  random: Random;
  giveUpAfterMs: number;
  /** True if Redis may lose the stream altogether. */
  mayBeGone: boolean;
  /** Length of the log in Redis now. */
  logLength(): Promise<number>;
  /** Called with the id of the last event, when there is a new one. */
  onEvent?(eventId: string): void;
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
    trail: [],
  };
  await pause(plan.joinAfterMs);
  const until = Date.now() + giveUpAfterMs;
  let missed = 0;
  while (Date.now() < until && record.problems.length === 0) {
    const outcome = await connectOnce({ record, streamId, client, plan, random, logLength, onEvent });
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
    await pause(outcome === 'left' ? random.int(...plan.awayMs) : RETRY_MS);
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
  logLength(): Promise<number>;
  onEvent(eventId: string): void;
}

function connectOnce({ record, streamId, client, plan, random, logLength, onEvent }: Connection): Promise<Outcome> {
  const { lastEventId } = record;
  const query = lastEventId !== null && plan.place === 'query' ? `?after=${lastEventId}` : '';
  const stays = plan.leaveAfterBytes === null || record.leaves >= MAX_LEAVES;
  const leaveAfter = stays ? Infinity : random.int(...plan.leaveAfterBytes!);
  const url = client.anyUrl(random);
  const request = httpRequest(`${url}/streams/${streamId}/events${query}`, {
    headers: {
      ...client.headers,
      accept: 'text/event-stream',
      ...(lastEventId !== null && plan.place === 'header' ? { 'last-event-id': lastEventId } : {}),
    },
    agent: false,
  });
  return new Promise((resolve) => {
    let isOver = false;
    let answered = 'no answer';
    const since = Date.now();
    const watch = watchForSilence({
      isPatient: random.chance(0.4),
      logLength,
      onSilence(lengthBefore) {
        if (lengthBefore > positionOf(record))
          record.problems.push(`was forgotten at ${positionOf(record)} of ${lengthBefore} by ${url}`);
        finish('broken');
      },
    });
    const finish = (outcome: Outcome) => {
      watch.stop();
      if (isOver) return;
      isOver = true;
      record.trail.push(
        `${new Date(since).toISOString()} ${url} after ${lastEventId}: ${answered}; ${outcome} at ${record.lastEventId} after ${Date.now() - since} ms`,
      );
      request.destroy();
      if (outcome === 'broken') record.cuts += 1;
      if (outcome === 'left') record.leaves += 1;
      resolve(outcome);
    };
    request.on('error', () => finish('broken'));
    request.on('response', (response) => {
      response.on('error', () => finish('broken'));
      record.connections += 1;
      answered = `${response.statusCode}${response.headers['x-stream-reset'] ? ' reset' : ''}`;
      watch.heard();
      if (response.statusCode !== 200) return finish(refused(record, response));
      if (response.headers['x-stream-reset'] === '1') begin(record);
      else if (lastEventId === null) begin(record, { isFirst: true });
      let pending: Buffer = Buffer.alloc(0);
      let taken = 0;
      response.on('data', (part: Buffer) => {
        if (isOver) return;
        // A reader that leaves may have read only part of the last frame.
        const read = part.subarray(0, Math.max(0, leaveAfter - taken));
        taken += read.length;
        const { pieces, rest } = splitPieces(Buffer.concat([pending, read]));
        pending = rest;
        const places = pieces.filter(isPlace);
        if (places.length > 0 && record.lastEventId !== null)
          record.problems.push(`was told after ${record.lastEventId} that its turn waits`);
        const frames = pieces.filter((piece) => !isComment(piece) && !isPlace(piece));
        if (frames.length > 0) watch.heard(); // comments arrive even if a reader was forgotten
        try {
          for (const frame of frames) take(record, parseFrame(frame));
          if (frames.length > 0) onEvent(record.lastEventId!);
        } catch (error) {
          record.problems.push(error instanceof Error ? error.message : String(error));
          return finish('broken');
        }
        if (taken >= leaveAfter && !record.hasDone) return finish('left');
        if (plan.dawdleMs > 0 && random.chance(0.1)) dawdle(response, random.int(0, plan.dawdleMs), watch.heard);
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

/**
 * Calls `onSilence` if `heard` is not called for `SILENCE_MS`, or for `FORGOTTEN_MS` if the reader is patient. For a patient
 * reader, `lengthBefore` is the length that the log had after half of `FORGOTTEN_MS`; otherwise it is 0.
 */
function watchForSilence({
  isPatient,
  logLength,
  onSilence,
}: {
  isPatient: boolean;
  logLength: () => Promise<number>;
  onSilence: (lengthBefore: number) => void;
}): { heard(): void; stop(): void } {
  let lengthBefore = 0;
  let timers: NodeJS.Timeout[] = [];
  let hasStopped = false;
  const clear = () => timers.forEach(clearTimeout);
  const heard = () => {
    clear();
    if (hasStopped) return; // The reader has left while it paused.
    lengthBefore = 0;
    timers = [setTimeout(() => onSilence(lengthBefore), isPatient ? FORGOTTEN_MS : SILENCE_MS)];
    if (isPatient) timers.push(setTimeout(() => void look(), FORGOTTEN_MS / 2));
  };
  const look = async () => {
    lengthBefore = await logLength().catch(() => 0); // Redis does not answer, so the silence is not the sidecar's fault.
  };
  heard();
  return {
    heard,
    stop() {
      hasStopped = true;
      clear();
    },
  };
}

const positionOf = ({ lastEventId }: ReaderRecord): number => Number(lastEventId?.split('-')[1] ?? 0);

function dawdle(response: IncomingMessage, ms: number, heard: () => void): void {
  response.pause();
  setTimeout(() => {
    heard();
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
    case 502: // the load balancer has found no sidecar that runs
    case 503:
    case 504:
      return 'broken';
    default:
      record.problems.push(`was answered ${response.statusCode}`);
      return 'broken';
  }
}

function begin(record: ReaderRecord, { isFirst = false } = {}): void {
  if (!isFirst) {
    record.resets += 1;
    if (record.lastEventId === null) record.problems.push('was reset before it had received a frame');
  }
  record.frames = [];
  record.lastEventId = null;
}

function take(record: ReaderRecord, frame: Frame): void {
  if (record.hasDone) throw new Error(`frame ${frame.eventId} came after [DONE]`);
  const place = record.frames.length === 0 ? frame.start : positionOf(record);
  if (record.frames.length === 0) record.start = frame.start;
  if (frame.start !== place) throw new Error(`frame ${frame.eventId} begins at ${frame.start}, not at ${place}`);
  record.frames.push(frame.bytes);
  record.lastEventId = frame.eventId;
  record.hasDone = frame.data === DONE;
}

/** Connects once more after the end, as an `EventSource` does. The sidecar must answer 204, which makes an `EventSource` stop. */
async function comeBackAfterTheEnd({
  record,
  streamId,
  client,
  random,
}: Pick<Connection, 'record' | 'streamId' | 'client' | 'random'>): Promise<void> {
  const answer = await client
    .ask(
      {
        path: `/streams/${streamId}/events`,
        headers: { accept: 'text/event-stream', 'last-event-id': record.lastEventId! },
      },
      { random, withinMs: ANSWERED_WITHIN_MS },
    )
    .catch(() => null); // No sidecar answers. Other checks report that.
  if (answer !== null && answer.status !== 204) record.problems.push(`was answered ${answer.status} after [DONE]`);
}
