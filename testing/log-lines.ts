import type { LogFields } from '../sidecar/log.ts';

/** The log lines of a test's sidecars, oldest first. */
export interface LogLines {
  readonly all: readonly LogFields[];
  /** The lines of one event, optionally of one stream. */
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

/** Parses the JSON log lines in a process's output. */
export function parseLogLines(output: string): LogFields[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as LogFields);
}
