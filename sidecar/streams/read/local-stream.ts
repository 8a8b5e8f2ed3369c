import type { LiveLog } from '../log/live-log.ts';

/** A stream that is written or followed in this process. Its writer and its readers hold this same object. */
export interface LocalStream {
  readonly streamId: string;
  readonly userId: string;
  readonly live: LiveLog;
  /** Where its current attempt begins, in bytes. */
  base: number;
}
