import { pino } from 'pino';
import { withoutQuotedJson } from '../shared/log-line.ts';

/** One line per event; `event` names it (`stream.started`, `redis.away`). The log never gets prompts, answers or credentials. */
export interface Log {
  debug(fields: LogFields): void;
  info(fields: LogFields): void;
  warn(fields: LogFields): void;
  error(fields: LogFields): void;
}
export interface LogFields {
  event: string;
  [field: string]: unknown;
}

export function createLog({ level }: { level: string }): Log {
  return pino({
    level,
    base: { name: 'sidecar' },
    timestamp: pino.stdTimeFunctions.isoTime,
    errorKey: 'error',
    hooks: { streamWrite: withoutQuotedJson },
  });
}
