import type { LogFields } from '../sidecar/log.ts';

/** The log lines of a test's sidecars, oldest first. */
export interface LogLines {
  readonly all: readonly LogFields[];
  of(event: string, streamId?: string): LogFields[];
}

export function createLogLines(all: () => readonly LogFields[]): LogLines {
  return {
    get all() {
      return all();
    },
    of: (event, streamId) =>
      all().filter((line) => line.event === event && (streamId === undefined || line.streamId === streamId)),
  };
}

export function parseLogLines(output: string): LogFields[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as LogFields);
}
