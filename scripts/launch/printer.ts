import { isRoutine, readableLine } from './log-lines.ts';
import type { Env } from '../shared/settings.ts';
import type { SupervisorOptions } from './supervisor.ts';

/**
 * Prints the output of the services: as readable text at a terminal, and unchanged if a program reads it. In both cases the
 * app's routine lines are left out ({@link isRoutine}). With `LOG_LEVEL=debug` or `trace`, everything is printed unchanged.
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
