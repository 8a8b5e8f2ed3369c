/**
 * One frame of a stream's log, which is also what a reader receives:
 *
 *     data: <one AI SDK UIMessageChunk as JSON>
 *     id: <epoch>-<position after this frame>
 *     <empty line>
 *
 * The id comes last, so a reader that was cut inside a frame has not yet taken its id. JSON never holds a raw line
 * break, so `\n\n` stands only at the end of a frame.
 */
export const DONE = '[DONE]';

const FIXED_BYTES = 'data: \nid: -\n\n'.length;

/** Bytes of a frame whose data, in UTF-8, and event id are these. The id is ASCII. */
export const frameBytes = (dataBytes: number, eventId: string): number => FIXED_BYTES - 1 + dataBytes + eventId.length;

/**
 * The position after a frame that starts at `start`. The frame holds that number itself, so this is the smallest one
 * that fits its own digits.
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

/** The text of a frame, from the JSON of its chunk (or {@link DONE}) and the event id after it. */
export const formatFrame = (data: string, eventId: string): string => `data: ${data}\nid: ${eventId}\n\n`;

const encoder = new TextEncoder();

/** The length of `text` in UTF-8. */
export const utf8Bytes = (text: string): number => encoder.encode(text).length;
