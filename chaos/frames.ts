/**
 * A separate parser of logs, so that the checks do not share a mistake with the code that they check. A frame is
 * `data: …\nid: <epoch>-<position>\n\n`, and its position is the number of bytes up to its end (PROTOCOL.md 2).
 */
export interface Frame {
  /** Where the frame begins in the log, computed from its position and length. */
  start: number;
  end: number;
  eventId: string;
  /** `[DONE]`, or a chunk as JSON. */
  data: string;
  bytes: Buffer;
}

const FRAME = /^data: ([^\n]*)\nid: (\d+[a-z][a-z0-9]*)-(\d+)\n\n$/;

/** Parses bytes that end with an empty line. Throws if they are not one frame. */
export function parseFrame(bytes: Buffer): Frame {
  const match = FRAME.exec(bytes.toString());
  if (!match) throw new Error(`not a frame: ${JSON.stringify(bytes.toString().slice(0, 200))}`);
  const end = Number(match[3]);
  return { start: end - bytes.length, end, eventId: `${match[2]}-${match[3]}`, data: match[1]!, bytes };
}

/** Cuts a sequence of bytes into pieces that end with an empty line, and returns the rest. */
export function splitPieces(bytes: Buffer): { pieces: Buffer[]; rest: Buffer } {
  const pieces: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf('\n\n'); at !== -1; at = bytes.indexOf('\n\n', from)) {
    pieces.push(bytes.subarray(from, at + 2));
    from = at + 2;
  }
  return { pieces, rest: bytes.subarray(from) };
}

export const isComment = (piece: Buffer): boolean => piece[0] === ':'.charCodeAt(0);

const PLACE = /^data: \{"type":"data-queue","data":\{"place":\d+\},"transient":true\}\n\n$/;

/** True for a piece that tells a waiting turn its place in the queue (PROTOCOL.md 5.8). Such pieces are not in the log. */
export const isPlace = (piece: Buffer): boolean => piece.length < 100 && PLACE.test(piece.toString());

/** All frames of a log. Throws if a frame does not begin where the one before it ended. */
export function parseLog(log: Buffer): Frame[] {
  const { pieces, rest } = splitPieces(log);
  if (rest.length > 0) throw new Error(`the log ends inside a frame: ${JSON.stringify(rest.toString().slice(0, 200))}`);
  let position = 0;
  return pieces.map((piece) => {
    const frame = parseFrame(piece);
    if (frame.start !== position)
      throw new Error(
        `frame ${frame.eventId} begins at ${position}, but according to its event id it begins at ${frame.start}`,
      );
    position = frame.end;
    return frame;
  });
}

export interface Chunk {
  type: string;
  [field: string]: unknown;
}

export const DONE = '[DONE]';

export const chunkOf = (frame: Frame): Chunk | null => (frame.data === DONE ? null : (JSON.parse(frame.data) as Chunk));
