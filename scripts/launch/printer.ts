import { isRoutine, readableLine } from './log-lines.ts';
import type { Env } from '../shared/settings.ts';
import type { SupervisorOptions } from './supervisor.ts';

/**
 * Prints what the services say: in words where a person looks on, and line by line as it came where a program reads; both
 * without the app's line for each request. `LOG_LEVEL=debug` or `trace` shows everything, as it came.
 */
export function createPrinter({
  settings,
  isTerminal,
}: {
  settings: Env;
  isTerminal: boolean;
}): SupervisorOptions['print'] {
  const isWhole = ['debug', 'trace'].includes(settings.LOG_LEVEL ?? '');
  const shownOf = (name: string, line: string): string | null => {
    if (isWhole) return line;
    if (isTerminal) return readableLine(name, line);
    return isRoutine(line) ? null : line;
  };
  return (name, line) => {
    const shown = name === null ? line : shownOf(name, line);
    if (shown !== null) process.stdout.write(`${shown}\n`);
  };
}
