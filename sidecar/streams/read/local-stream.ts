import type { LiveLog } from '../log/live-log.ts';

/** A stream that is written or followed in this process. Its writer and its readers share this object. */
export interface LocalStream {
  readonly streamId: string;
  readonly userId: string;
  readonly live: LiveLog;
  /** The position at which the message begins: 0 unless the answer was restarted. */
  base: number;
}
