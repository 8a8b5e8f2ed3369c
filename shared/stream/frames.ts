/**
 * PROTOCOL.md 2.1: one frame of a stream's log. A reader receives exactly these bytes:
 *
 *     data: <one AI SDK UIMessageChunk as JSON>
 *     id: <epoch>-<position after this frame>
 *     <empty line>
 *
 * The id comes last, so a reader whose connection breaks inside a frame has not yet seen the id of this frame. JSON never contains
 * a raw line break, so `\n\n` occurs only at the end of a frame.
 *
 * `[DONE]` is the data of the last frame.
 */
export const DONE = '[DONE]';

/** Length of a frame without its data, its epoch and the digits of its position. The `-` between epoch and position is included. */
const FIXED_BYTES = 'data: \nid: -\n\n'.length;

/** Length in bytes of a frame with `dataBytes` bytes of data (UTF-8) and this event id (ASCII). */
export const frameBytes = (dataBytes: number, eventId: string): number => FIXED_BYTES - 1 + dataBytes + eventId.length;

/**
 * PROTOCOL.md 2.2: the position after a frame that starts at `start`. The frame contains this position, so the length of
 * the frame depends on the number of digits of the position. The result is the smallest `n` for which a frame with the
 * position `n` ends at `n`.
 */
export function positionAfter({
  start,
  dataBytes,
  epoch,
}: {
  start: number;
  dataBytes: number;
  epoch: string;
}): number {
  const withoutDigits = start + FIXED_BYTES + dataBytes + epoch.length;
  let digits = String(withoutDigits).length;
  if (String(withoutDigits + digits).length > digits) digits += 1;
  return withoutDigits + digits;
}

/** The text of a frame. `data` is the JSON of its chunk, or {@link DONE}. */
export const formatFrame = (data: string, eventId: string): string => `data: ${data}\nid: ${eventId}\n\n`;

const encoder = new TextEncoder();

/** The length of `text` in UTF-8. */
export const utf8Bytes = (text: string): number => encoder.encode(text).length;
