import { pino, type DestinationStream } from 'pino';
import { withoutQuotedJson } from '../../shared/log-line.ts';

/**
 * Writes one line of JSON per event, as the sidecar's log does. The field `event` is the name of the event, such as `page.failed`.
 * The field `error` is what was thrown.
 */
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

/** `destination`: default is standard output. */
export function createLog({ level, destination }: { level: string; destination?: DestinationStream }): Log {
  const options = {
    level,
    base: { name: 'app' },
    timestamp: pino.stdTimeFunctions.isoTime,
    errorKey: 'error',
    hooks: { streamWrite: withoutQuotedJson },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** The app's log: JSON lines on standard output. It never contains a prompt, an answer or an access token. */
export const log = createLog({ level: process.env.LOG_LEVEL || 'info' });
