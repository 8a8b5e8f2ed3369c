import type { ErrorCode } from '../../shared/errors.ts';
import type { CleanupAnswer, StreamOutcome } from '../../shared/stream.ts';
import type { StreamError } from '../../shared/stream-errors.ts';

/** How a reader began: at the tail, behind it, at byte 0, or at byte 0 because its place is no longer on the log. */
export type ResumeKind = 'live' | 'catch-up' | 'beginning' | 'position-lost';

/** Which stream something happened to. Never anything that was asked or answered. */
export interface StreamLabels {
  streamId: string;
  modelId: string;
}

export interface StreamEnd {
  outcome: StreamOutcome;
  /** Where it is an error. */
  code: StreamError['code'] | null;
  /** From its start to its end. */
  ms: number;
  bytes: number;
  /** Of what the process that ended it wrote: as the model counts them, else about one in four characters. */
  tokens: number;
  /** From the first token to the end, in this process; `null` where it had none. */
  writingMs: number | null;
}

/** Of text whose tokens nobody has counted. */
export const estimateTokens = (characters: number): number => Math.ceil(characters / 4);

export interface Takeover {
  policy: 'continue' | 'restart' | 'fail';
  /** How many owners it has lost, and how many of these in a row that wrote nothing. */
  lapses: number;
  barren: number;
  /** Its last owner gave it away, as when a sidecar is stopped: none was lost. */
  isHandover: boolean;
}

/**
 * What happens to streams, told once, where it happens, to whoever keeps figures of it (Prometheus, analytics, logs).
 * Every method returns at once and never throws. Nothing here is called once a frame or once a chunk.
 */
export interface Telemetry {
  /** `servedBy`: the provider that answers. */
  streamStarted(stream: StreamLabels & { servedBy: string }): void;
  /** `ms`: from the call to the model's first word. */
  firstToken(stream: StreamLabels, ms: number): void;
  streamEnded(stream: StreamLabels, end: StreamEnd): void;
  /** This process writes it no more, whoever ended it: told after `streamEnded` where that is told here. */
  streamLeft(stream: StreamLabels): void;
  /** Another owner was found for it. */
  streamRecovered(stream: StreamLabels, how: Takeover): void;
  readerOpened(stream: { streamId: string }, kind: ResumeKind): void;
  /** `done`: it has everything. `cut`: it has to come back. `left`: it went away before the end. */
  readerClosed(stream: { streamId: string }, end: 'done' | 'cut' | 'left'): void;
  /** One answered call to the store with the frames of one stream or more. */
  appended(call: { streams: number; frames: number; bytes: number; ms: number }): void;
  /** From the bell of another process to its frames being shown here. */
  followed(ms: number): void;
  swept(swept: CleanupAnswer, ms: number): void;
  /** A request was answered with an error. */
  refused(code: ErrorCode): void;
}

/** Passes every call on to all listeners. Written out by hand, so that an append allocates nothing here. */
export function fanOut(listeners: readonly Telemetry[]): Telemetry {
  return {
    streamStarted(stream) {
      for (const each of listeners) each.streamStarted(stream);
    },
    firstToken(stream, ms) {
      for (const each of listeners) each.firstToken(stream, ms);
    },
    streamEnded(stream, end) {
      for (const each of listeners) each.streamEnded(stream, end);
    },
    streamLeft(stream) {
      for (const each of listeners) each.streamLeft(stream);
    },
    streamRecovered(stream, how) {
      for (const each of listeners) each.streamRecovered(stream, how);
    },
    readerOpened(stream, kind) {
      for (const each of listeners) each.readerOpened(stream, kind);
    },
    readerClosed(stream, end) {
      for (const each of listeners) each.readerClosed(stream, end);
    },
    appended(call) {
      for (const each of listeners) each.appended(call);
    },
    followed(ms) {
      for (const each of listeners) each.followed(ms);
    },
    swept(swept, ms) {
      for (const each of listeners) each.swept(swept, ms);
    },
    refused(code) {
      for (const each of listeners) each.refused(code);
    },
  };
}

/** Tells nobody. */
export const noTelemetry: Telemetry = fanOut([]);
