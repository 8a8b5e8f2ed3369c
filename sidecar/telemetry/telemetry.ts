import type { ErrorCode } from '../../shared/errors.ts';
import type { CleanupAnswer, StreamOutcome } from '../../shared/stream/stream.ts';
import type { ShareMode } from '../../shared/chat/shares.ts';
import type { TemplateOrigin } from '../../shared/templates/template.ts';
import type { StreamError } from '../../shared/stream/stream-errors.ts';

/**
 * Where a reader began:
 * - `live`: at the end of the log;
 * - `catch-up`: after the reader's event id, before the end of the log;
 * - `beginning`: at the base, the position where the message begins;
 * - `position-lost`: at the base, because the reader's event id is not in the log.
 */
export type ResumeKind = 'live' | 'catch-up' | 'beginning' | 'position-lost';

/** The stream that an event is about. Events never contain text of the question or the answer. */
export interface StreamLabels {
  streamId: string;
  modelId: string;
}

export interface StreamEnd {
  outcome: StreamOutcome;
  /** False for a turn that was removed while it waited: its stream was queued, but never started. */
  hasStarted: boolean;
  /** The code of the error if the outcome is `error`; otherwise `null`. */
  code: StreamError['code'] | null;
  /** Time from the start of the stream to its end. */
  ms: number;
  bytes: number;
  /**
   * Output tokens of all model calls that this process made for the stream: the provider's count, or an estimate. If `closeSealed`
   * wrote the end from the stored log, this is an estimate for the whole text.
   */
  tokens: number;
  /** Time from the first token to the end; `null` if no token arrived in this process, or if `closeSealed` wrote the end. */
  writingMs: number | null;
}

/** Estimates the number of tokens in a text. Used if the provider did not report the number. */
export const estimateTokens = (characters: number): number => Math.ceil(characters / 4);

export interface Takeover {
  policy: 'continue' | 'restart' | 'fail';
  /** Number of owners that the stream has lost (PROTOCOL.md 7.7). */
  lapses: number;
  /** Number of lost owners in a row that wrote nothing, counted back from the last lost owner. */
  barren: number;
  /** True if the last owner released the lease, for example during a shutdown. Then no owner was lost. */
  isHandover: boolean;
}

/**
 * What happens in a sidecar, mostly to streams. The process in which an event happens reports it once, to all listeners (Prometheus,
 * analytics, logs, traces). Methods return without waiting and never throw. No method is called per frame or per chunk.
 */
export interface Telemetry {
  /** `servedBy`: the provider that answers. */
  streamStarted(stream: StreamLabels & { servedBy: string }): void;
  /** The stream waits for earlier answers in its chat. When the stream starts after these answers, `streamStarted` is called, too. */
  streamQueued(stream: StreamLabels): void;
  /** A new chat was branched off from another chat. A repeated request is not counted. */
  branchMade(): void;
  /** `ms`: from the model call to the first token. */
  firstToken(stream: StreamLabels, ms: number): void;
  streamEnded(stream: StreamLabels, end: StreamEnd): void;
  /** This process no longer writes the stream. If the stream has ended, `streamEnded` is called as well, before or shortly after. */
  streamLeft(stream: StreamLabels): void;
  /** This process became the new owner of the stream. */
  streamRecovered(stream: StreamLabels, how: Takeover): void;
  readerOpened(stream: { streamId: string }, kind: ResumeKind): void;
  /** `done`: the reader has everything. `cut`: the reader has to reconnect. `left`: the reader left before the end. */
  readerClosed(stream: { streamId: string }, end: 'done' | 'cut' | 'left'): void;
  /** An append call that the store has answered. One call carries the frames of one or more streams. */
  appended(call: { streams: number; frames: number; bytes: number; ms: number }): void;
  /** `ms`: from another process's notification of new frames until the readers of this process get these frames. */
  followed(ms: number): void;
  swept(swept: CleanupAnswer, ms: number): void;
  /** The response to a request was an error. `reason`: the cause, for a code with several causes, such as `unauthorized`. */
  refused(code: ErrorCode, reason?: string): void;
  /** A stream was started with a template. The template is not named, because its name may be private. */
  templateUsed(origin: TemplateOrigin): void;
  shareMade(mode: ShareMode): void;
  shareOpened(mode: ShareMode): void;
}

/** Passes every call on to all listeners. The methods are written out by hand, so that a call to `appended` allocates nothing. */
export function fanOut(listeners: readonly Telemetry[]): Telemetry {
  return {
    streamStarted(stream) {
      for (const each of listeners) each.streamStarted(stream);
    },
    streamQueued(stream) {
      for (const each of listeners) each.streamQueued(stream);
    },
    branchMade() {
      for (const each of listeners) each.branchMade();
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
    refused(code, reason) {
      for (const each of listeners) each.refused(code, reason);
    },
    templateUsed(origin) {
      for (const each of listeners) each.templateUsed(origin);
    },
    shareMade(mode) {
      for (const each of listeners) each.shareMade(mode);
    },
    shareOpened(mode) {
      for (const each of listeners) each.shareOpened(mode);
    },
  };
}

export const noTelemetry: Telemetry = fanOut([]);
