/**
 * Where a reader stands in a stream's log: `<epoch>-<position>`, for example `2k7f3-1840`.
 *
 * The epoch is one owner's tenure, compared for equality only; the position is a byte offset, always just after a
 * frame. It is the `id:` of the frame that ends at that position, so the log itself proves an event id.
 */
export interface EventId {
  epoch: string;
  /** Bytes of the log up to and including the frame that carries this id. */
  position: number;
}

const EVENT_ID = /^(\d{1,9}[a-z][a-z0-9]{1,15})-([1-9]\d{0,14})$/;

export const formatEventId = ({ epoch, position }: EventId): string => `${epoch}-${position}`;

/** Returns `null` for anything that no log of ours could hold. */
export function parseEventId(text: string): EventId | null {
  const match = EVENT_ID.exec(text);
  return match ? { epoch: match[1]!, position: Number(match[2]) } : null;
}
