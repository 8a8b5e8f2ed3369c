import { binOf, FIRST_TOKEN_MS_BOUNDS, TOKENS_PER_SECOND_BOUNDS } from '../../shared/histogram.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { fieldOf } from './fields.ts';

/** Adds `amount` to a field of the current hour. */
export type Count = (field: string, amount?: number) => void;

/** Maximum number of models that one sidecar counts by name in an hour. All others are counted together as {@link OTHER}. */
export const MAX_MODELS = 40;
export const OTHER = 'other';
/** The form of model names. An id of another form may be private text of a caller, so it is counted as {@link OTHER}. */
const MODEL_NAME = /^[\w./:@+-]{1,100}$/;
/** The writing speed of an answer is counted only if writing it took at least this time. */
const MIN_WRITING_MS = 50;

/**
 * A telemetry listener that counts events, for example by model or by error code. It does not record people or texts.
 *
 * @param hour returns the current hour
 */
export function createCounting({ count, hour }: { count: Count; hour(): string }): Telemetry {
  let models = { hour: '', names: new Set<string>() };

  function nameOf(modelId: string): string {
    const now = hour();
    if (models.hour !== now) models = { hour: now, names: new Set() };
    if (!models.names.has(modelId)) {
      if (models.names.size >= MAX_MODELS || !MODEL_NAME.test(modelId)) return OTHER;
      models.names.add(modelId);
    }
    return modelId;
  }

  return {
    streamStarted({ modelId }) {
      count('started');
      count(fieldOf('model.started', nameOf(modelId)));
    },
    streamQueued: () => count('queued'),
    branchMade: () => count('branched'),
    firstToken({ modelId }, ms) {
      count(fieldOf(`model.firstToken.${binOf(ms, FIRST_TOKEN_MS_BOUNDS)}`, nameOf(modelId)));
    },
    streamEnded({ modelId }, { outcome, hasStarted, code, tokens, writingMs }) {
      if (!hasStarted) return;
      const model = nameOf(modelId);
      count(outcome);
      count(fieldOf(`model.${outcome}`, model));
      if (code !== null) count(fieldOf('error', code));
      if (tokens > 0) count(fieldOf('model.tokens', model), tokens);
      if (writingMs === null || writingMs < MIN_WRITING_MS || tokens === 0) return;
      const speed = tokens / (writingMs / 1000);
      count(fieldOf(`model.speed.${binOf(speed, TOKENS_PER_SECOND_BOUNDS)}`, model));
    },
    streamLeft() {},
    streamRecovered: (_stream, { policy, isHandover }) => count(fieldOf('takeover', isHandover ? 'handover' : policy)),
    readerOpened: (_stream, kind) => count(fieldOf('resume', kind)),
    readerClosed: (_stream, end) => count(fieldOf('read', end)),
    appended() {},
    followed() {},
    swept({ scanned, removed, mended, recovered }) {
      count('cleanup.runs');
      for (const [what, amount] of Object.entries({ scanned, removed, mended, recovered }))
        if (amount > 0) count(`cleanup.${what}`, amount);
    },
    refused: (code) => count(fieldOf('refused', code)),
    templateUsed: (origin) => count(fieldOf('template', origin)),
    shareMade: (mode) => count(fieldOf('share.made', mode)),
    shareOpened: (mode) => count(fieldOf('share.opened', mode)),
  };
}
