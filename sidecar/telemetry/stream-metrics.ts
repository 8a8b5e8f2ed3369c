import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { ERRORS, type ErrorCode } from '../../shared/errors.ts';
import { UNAUTHORIZED_REASONS } from '../../shared/token.ts';
import type { ResumeKind, Telemetry } from './telemetry.ts';

const CALL_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const WAIT_SECONDS = [0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60];
const TOKENS_PER_SECOND = [5, 10, 20, 40, 60, 80, 120, 200, 400, 1000, 4000];
const FRAMES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 1024];

const KINDS: readonly ResumeKind[] = ['live', 'catch-up', 'beginning', 'position-lost'];
const CODES = Object.keys(ERRORS) as ErrorCode[];
/** True if a limit, overload or a shutdown caused the error. False for mistakes of the client and for failures. */
const isRefusal = (code: ErrorCode): boolean =>
  ERRORS[code].status === 429 || code === 'overloaded' || code === 'draining';

export interface StreamMetricsOptions {
  registry: Registry;
  /** The value of the label `model`, from a bounded set of names. */
  modelLabel(modelId: string): string;
  cleanupIntervalMs: number;
}

export function createStreamMetrics({ registry, modelLabel, cleanupIntervalMs }: StreamMetricsOptions): Telemetry {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, ...labelNames: Label[]) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = <Label extends string>(name: string, help: string, buckets: number[], ...labelNames: Label[]) =>
    new Histogram({ name, help, buckets, labelNames, registers });

  const started = counter('rejoin_streams_started_total', 'Streams started by this sidecar', 'model');
  const queued = counter(
    'rejoin_streams_queued_total',
    'Streams that had to wait for earlier answers in their chat',
    'model',
  );
  const branches = counter('rejoin_branches_total', 'Branches of chats that this sidecar made');
  const ended = counter(
    'rejoin_streams_ended_total',
    'Streams whose end this sidecar stored',
    'model',
    'outcome',
    'code',
  );
  const firstToken = histogram(
    'rejoin_first_token_seconds',
    'Time from the model call to its first token',
    WAIT_SECONDS,
    'model',
  );
  const tokens = counter(
    'rejoin_tokens_total',
    'Tokens written by models; estimated if the provider gave no usage',
    'model',
  );
  const tokenRate = histogram(
    'rejoin_tokens_per_second',
    'Tokens per second of an answer, from its first token on',
    TOKENS_PER_SECOND,
    'model',
  );
  const takeovers = counter(
    'rejoin_takeovers_total',
    'Streams that this sidecar took over from another one, by policy and reason',
    'policy',
    'reason',
  );
  const resumes = counter('rejoin_resumes_total', 'Readers that connected, by where they began', 'kind');
  const readersClosed = counter('rejoin_readers_closed_total', 'Readers whose response ended, by how it ended', 'end');
  const append = histogram('rejoin_append_seconds', 'Duration of one append call to Redis', CALL_SECONDS);
  const appendFrames = histogram('rejoin_append_frames', 'Frames in one append call', FRAMES);
  const appendedFrames = counter('rejoin_appended_frames_total', 'Frames that were stored');
  const appendedBytes = counter('rejoin_appended_bytes_total', 'Bytes that were stored');
  const followLag = histogram(
    'rejoin_follow_lag_seconds',
    'Time from a notification that another process wrote frames until the readers of this process get these frames',
    CALL_SECONDS,
  );
  const scanned = counter('rejoin_cleanup_scanned_total', 'Streams that cleanups looked at');
  const removed = counter('rejoin_cleanup_removed_total', 'Streams that cleanups removed');
  const mended = counter('rejoin_cleanup_mended_total', 'Index entries that cleanups repaired');
  const cleanupSeconds = histogram('rejoin_cleanup_seconds', 'Duration of one cleanup', WAIT_SECONDS);
  const cleanupInterval = new Gauge({
    name: 'rejoin_cleanup_interval_seconds',
    help: 'Time between two cleanups',
    registers,
  });
  const cleanedAt = new Gauge({
    name: 'rejoin_cleanup_last_timestamp_seconds',
    help: 'When the last cleanup by this process ended; before its first cleanup: when the process started',
    registers,
  });
  const errors = counter('rejoin_errors_total', 'Requests that were answered with an error', 'code', 'status');
  const unauthorized = counter('rejoin_unauthorized_total', 'Requests without a valid token', 'reason');
  const sharesMade = counter('rejoin_shares_made_total', 'Public pages that were made', 'mode');
  const sharesOpened = counter('rejoin_shares_opened_total', 'How often public pages were opened', 'mode');
  const templates = counter('rejoin_template_starts_total', 'Answers that were started from a template', 'origin');
  const refusals = counter(
    'rejoin_refusals_total',
    'Requests that were refused because of a limit, overload or a shutdown',
    'code',
  );

  cleanupInterval.set(cleanupIntervalMs / 1000);
  cleanedAt.setToCurrentTime();
  // These counters start at 0, because an alert on growth needs a first value.
  for (const outcome of ['completed', 'cancelled', 'error']) ended.inc({ outcome, model: 'other', code: '' }, 0);
  for (const kind of KINDS) resumes.inc({ kind }, 0);
  for (const reason of ['lost', 'handover']) takeovers.inc({ policy: 'continue', reason }, 0);
  for (const code of CODES.filter(isRefusal)) refusals.inc({ code }, 0);
  for (const reason of UNAUTHORIZED_REASONS) unauthorized.inc({ reason }, 0);
  for (const code of CODES.filter((code) => ERRORS[code].status >= 500))
    errors.inc({ code, status: ERRORS[code].status }, 0);

  return {
    streamStarted: ({ modelId }) => started.inc({ model: modelLabel(modelId) }),
    streamQueued: ({ modelId }) => queued.inc({ model: modelLabel(modelId) }),
    branchMade: () => branches.inc(),
    firstToken: ({ modelId }, ms) => firstToken.observe({ model: modelLabel(modelId) }, ms / 1000),
    streamEnded({ modelId }, end) {
      if (!end.hasStarted) return;
      const model = modelLabel(modelId);
      ended.inc({ model, outcome: end.outcome, code: end.code ?? '' });
      tokens.inc({ model }, end.tokens);
      if (end.outcome === 'completed' && end.writingMs !== null && end.writingMs > 0)
        tokenRate.observe({ model }, end.tokens / (end.writingMs / 1000));
    },
    streamLeft() {},
    streamRecovered: (_stream, { policy, isHandover }) =>
      takeovers.inc({ policy, reason: isHandover ? 'handover' : 'lost' }),
    readerOpened: (_stream, kind) => resumes.inc({ kind }),
    readerClosed: (_stream, end) => readersClosed.inc({ end }),
    appended({ frames, bytes, ms }) {
      append.observe(ms / 1000);
      appendFrames.observe(frames);
      appendedFrames.inc(frames);
      appendedBytes.inc(bytes);
    },
    followed: (ms) => followLag.observe(ms / 1000),
    swept(swept, ms) {
      scanned.inc(swept.scanned);
      removed.inc(swept.removed);
      mended.inc(swept.mended);
      cleanupSeconds.observe(ms / 1000);
      cleanedAt.setToCurrentTime();
    },
    refused(code, reason) {
      errors.inc({ code, status: ERRORS[code].status });
      if (code === 'unauthorized') unauthorized.inc({ reason: reason ?? 'other' });
      if (isRefusal(code)) refusals.inc({ code });
    },
    templateUsed: (origin) => templates.inc({ origin }),
    shareMade: (mode) => sharesMade.inc({ mode }),
    shareOpened: (mode) => sharesOpened.inc({ mode }),
  };
}
