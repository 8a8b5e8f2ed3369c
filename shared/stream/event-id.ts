/**
 * PROTOCOL.md 3: a reader's place in a stream's log, written `<epoch>-<position>`, for example `2k7f3-1840`.
 *
 * The epoch names a period in which one owner writes. The name begins with a counter that rises with each new epoch. The
 * position is a byte offset, always directly after a frame, and that frame has the event id as its `id:`.
 *
 * Why there is an epoch: suppose Redis loses a log of three frames, and a new log of four other frames replaces it. Without the
 * epoch, a reader that has read the old three frames would go on with the fourth, and would miss the new first three without
 * noticing.
 */
export interface EventId {
  epoch: string;
  /** Length in bytes of the log up to the end of the frame with this id. */
  position: number;
}

const EVENT_ID = /^(\d{1,9}[a-z][a-z0-9]{1,15})-([1-9]\d{0,14})$/;

export const formatEventId = ({ epoch, position }: EventId): string => `${epoch}-${position}`;

/** Parses an event id; `null` if the text is not an event id (PROTOCOL.md 3.2). */
export function parseEventId(text: string): EventId | null {
  const match = EVENT_ID.exec(text);
  return match ? { epoch: match[1]!, position: Number(match[2]) } : null;
}
