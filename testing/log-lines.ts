import type { LogFields } from '../sidecar/log.ts';

/** What sidecars of a test have logged, oldest first. */
export interface LogLines {
  readonly all: readonly LogFields[];
  /** The lines of one event, of one stream where it is given. */
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

/** The JSON lines that a process has written. */
export function parseLogLines(output: string): LogFields[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{') && line.endsWith('}'))
    .map((line) => JSON.parse(line) as LogFields);
}
