import { createHash } from 'node:crypto';
import { chunkOf, parseLog, DONE, type Chunk, type Frame } from './frames.ts';
import type { ReaderRecord } from './reader.ts';
import type { TurnPlan } from './turn-plan.ts';

export interface StoredStream {
  /** The log, unpacked if Redis has it packed (PROTOCOL.md 8.7). */
  log: Buffer;
  isPacked: boolean;
  status: string;
  base: number;
  sha256: string | null;
  epoch: string;
  /**
   * Number of lost owners. `barren`: number of lost owners in a row that wrote nothing, counted back from the latest lost owner
   * (PROTOCOL.md 7.7).
   */
  lapses: number;
  barren: number;
  errorCode: string | null;
}

/** Number of owners that a stream may lose. The next loss ends the stream. */
const MAX_LAPSES = 3;
/** A stream ends when this many owners in a row were lost before they wrote anything. */
const MAX_BARREN = 2;

/**
 * Checks a log in Redis, without comparing the log with what readers received. The log must be whole and have exactly one end. The
 * proof in that end (status, length and SHA-256) must be correct. The text must be the numbered sequence that the synthetic model
 * writes.
 */
export function checkLog(stored: StoredStream, turn: TurnPlan): string[] {
  const { log, status, base } = stored;
  const problems: string[] = [];
  let frames: Frame[];
  try {
    frames = parseLog(log);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  problems.push(...checkEnd(frames, { log, status }));
  if (stored.sha256 !== sha256(log)) problems.push('the SHA-256 in meta is not that of the log');
  if (frames.at(-1)?.eventId !== `${stored.epoch}-${log.length}`)
    problems.push('the last event id is not that of meta');

  const starts = frames.filter((frame) => chunkOf(frame)?.type === 'start');
  if (starts[0]?.start !== 0) problems.push('the log does not begin with a start frame');
  if (starts.at(-1)?.start !== base) problems.push(`the base is ${base}, not where the last attempt begins`);
  if (starts.length > 1 && !turn.modelId.includes('refuse=1'))
    problems.push('the answer began anew, although its model can continue it');
  for (const text of attempts(frames)) problems.push(...checkSequence(text, turn));
  return problems;
}

/** Checks that there is exactly one end, made of the frames of PROTOCOL.md 8.3. */
function checkEnd(frames: readonly Frame[], { log, status }: { log: Buffer; status: string }): string[] {
  const problems: string[] = [];
  const dones = frames.filter((frame) => frame.data === DONE);
  if (dones.length !== 1) problems.push(`there are ${dones.length} [DONE]`);
  if (frames.at(-1)?.data !== DONE) problems.push('the last frame is not [DONE]');
  const chunks = frames.map(chunkOf);
  const of = (type: string) => chunks.filter((chunk) => chunk?.type === type);
  for (const type of ['finish', 'data-end'])
    if (of(type).length !== 1) problems.push(`there are ${of(type).length} ${type} frames`);
  const [proofFrame] = frames.slice(-3);
  const proof = chunks.at(-3);
  if (proof?.type !== 'data-end' || chunks.at(-2)?.type !== 'finish')
    problems.push('the log does not end with its proof');
  else problems.push(...checkProof(proof, log.subarray(0, proofFrame!.start), status));
  if (of('error').length !== (status === 'error' ? 1 : 0))
    problems.push(`${of('error').length} error frames, but the status is ${status}`);
  if (of('abort').length !== (status === 'cancelled' ? 1 : 0))
    problems.push(`${of('abort').length} abort frames, but the status is ${status}`);
  return problems;
}

function checkProof(chunk: Chunk, before: Buffer, status: string): string[] {
  const proof = chunk.data as { status: string; bytes: number; sha256: string };
  const problems: string[] = [];
  if (proof.status !== status) problems.push(`the proof says ${proof.status}, meta says ${status}`);
  if (proof.bytes !== before.length) problems.push(`the proof says ${proof.bytes} bytes, there are ${before.length}`);
  if (proof.sha256 !== sha256(before)) problems.push('the SHA-256 in the proof is not that of the log before it');
  return problems;
}

/** The text of each attempt. An attempt lasts from one `start` chunk to the next. */
function attempts(frames: readonly Frame[]): string[] {
  const texts: string[] = [];
  for (const frame of frames) {
    const chunk = chunkOf(frame);
    if (chunk?.type === 'start') texts.push('');
    else if (chunk?.type === 'text-delta') texts[texts.length - 1] += String(chunk.delta);
  }
  return texts;
}

export const textOf = (frames: readonly Frame[]): string => attempts(frames).at(-1) ?? '';

const SEQUENCE_DIGITS = 6;

/**
 * Checks that the deltas in a text are numbered from 0 without a gap. The sidecar may join deltas, so the text is cut into the
 * model's original deltas.
 */
function checkSequence(text: string, { chunkChars }: TurnPlan): string[] {
  if (text.length % chunkChars !== 0) return [`${text.length} characters are not whole deltas of ${chunkChars}`];
  for (let index = 0; index * chunkChars < text.length; index++) {
    const at = index * chunkChars;
    const seq = parseInt(text.slice(at, at + SEQUENCE_DIGITS), 36);
    if (seq !== index) return [`delta ${seq} stands in place ${index} of ${text.length / chunkChars}`];
  }
  return [];
}

export interface Interference {
  /** True if a person tried to stop the stream, with or without success. */
  wasCancelled: boolean;
  /** The bodies of the successful responses to requests to stop the stream. */
  cancelAnswers: { status: string; lastEventId: string | null }[];
  /**
   * True if Redis may have lost the conversation, which contains the question. Without the question, no sidecar can take the answer
   * over, so the stream may end as `abandoned`.
   */
  lostChat?: boolean;
}

/** Checks that the end is explained by what happened to the stream. */
export function checkOutcome(
  stored: StoredStream,
  turn: TurnPlan,
  { wasCancelled, cancelAnswers, lostChat = false }: Interference,
): string[] {
  const { status, lapses, barren, errorCode } = stored;
  const problems: string[] = [];
  const text = textOf(parseLog(stored.log));
  if (status === 'completed') {
    const said = text.length / turn.chunkChars;
    if (said !== turn.chunks) problems.push(`completed with ${said} of ${turn.chunks} deltas`);
  } else if (status === 'cancelled') {
    if (!wasCancelled) problems.push('cancelled, although nobody cancelled it');
  } else if (errorCode === 'abandoned') {
    if (lapses <= MAX_LAPSES && barren < MAX_BARREN && !lostChat)
      problems.push(`abandoned after ${lapses} lost owners, ${barren} barren`);
  } else if (!(errorCode === 'model_error' && turn.mayFail)) problems.push(`ended as ${status}: ${errorCode}`);

  const lastEventId = `${stored.epoch}-${stored.log.length}`;
  for (const answer of cancelAnswers) {
    if (answer.lastEventId === null) continue; // Redis was away, and the response says so
    if (answer.status !== status || answer.lastEventId !== lastEventId)
      problems.push(
        `a cancel request got ${answer.status} ${answer.lastEventId}, but the end is ${status} ${lastEventId}`,
      );
  }
  return problems;
}

/** Checks that a reader has the log, from the beginning of an attempt to the end, byte for byte. */
export function checkReader(reader: ReaderRecord, { log }: StoredStream): string[] {
  const bytes = Buffer.concat(reader.frames);
  const problems: string[] = [];
  if (!bytes.equals(log.subarray(reader.start, reader.start + bytes.length)))
    problems.push(`has other bytes than the log, from position ${reader.start} on`);
  if (reader.start + bytes.length !== log.length)
    problems.push(`has the bytes ${reader.start}–${reader.start + bytes.length} of a log of ${log.length} bytes`);
  const starts = parseLog(log).filter((frame) => chunkOf(frame)?.type === 'start');
  if (!starts.some(({ start }) => start === reader.start)) problems.push(`began at ${reader.start}, inside an attempt`);
  return problems;
}

/**
 * Checks the bytes of a reader without the log, which Redis may have lost. The text must be the model's exact sequence. If the
 * reader has the end, the proof in it must be correct. A proof covers a log from its beginning, so a reader that began later is not
 * checked.
 */
export function checkReaderAlone(reader: ReaderRecord, turn: TurnPlan): string[] {
  if (reader.start !== 0) return [];
  const log = Buffer.concat(reader.frames);
  const frames = parseLog(log);
  const problems = attempts(frames).flatMap((text) => checkSequence(text, turn));
  if (reader.hasDone) {
    const proof = frames.map(chunkOf).at(-3);
    const status = (proof?.data as { status?: string } | undefined)?.status ?? 'none';
    problems.push(...checkEnd(frames, { log, status }));
  }
  return problems;
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
