import { readableLine } from './log-lines.ts';
import type { Env } from './settings.ts';
import type { SupervisorOptions } from './supervisor.ts';

/**
 * Prints what the services say: in words where a person looks on, and line by line as it came where a program reads.
 * `LOG_LEVEL=debug` or `trace` shows everything as it came, too.
 */
export function createPrinter({
  settings,
  isTerminal,
}: {
  settings: Env;
  isTerminal: boolean;
}): SupervisorOptions['print'] {
  const isRaw = !isTerminal || ['debug', 'trace'].includes(settings.LOG_LEVEL ?? '');
  return (name, line) => {
    const shown = name === null || isRaw ? line : readableLine(name, line);
    if (shown !== null) process.stdout.write(`${shown}\n`);
  };
}
