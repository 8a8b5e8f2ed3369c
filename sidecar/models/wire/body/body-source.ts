import type { Readable } from 'node:stream';

/** The bytes of a body, taken as they come and kept until they are asked for. */
export interface BodySource {
  /** All pieces that have come since the last call; `null` where there are none. */
  take(): Uint8Array[] | null;
  /** How the body ended; `null` as long as more may come. What came before is still there to be taken. */
  readonly end: 'closed' | 'reset' | null;
}

/** A model that is read slower than it writes is paused at this size. */
const MAX_KEPT_BYTES = 256 * 1024;

/**
 * Reads a body by its events. An iterator would cost several promises for each piece, and lose the bytes that came
 * before a connection broke (except those that Node itself holds while the body is paused).
 *
 * @param notify called when there is something to take, or the end
 */
export function createBodySource(body: Readable, notify: () => void): BodySource {
  let pieces: Uint8Array[] = [];
  let bytes = 0;
  let end: BodySource['end'] = null;

  const finish = (how: 'closed' | 'reset') => (): void => {
    end ??= how;
    notify();
  };
  body.on('data', (piece: Uint8Array) => {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MAX_KEPT_BYTES) body.pause();
    notify();
  });
  body.on('end', finish('closed'));
  body.on('error', finish('reset'));
  // A body that closes before its end was cut.
  body.on('close', finish('reset'));

  return {
    take() {
      if (pieces.length === 0) return null;
      const taken = pieces;
      pieces = [];
      if (bytes > MAX_KEPT_BYTES && !body.destroyed) body.resume();
      bytes = 0;
      return taken;
    },
    get end() {
      return end;
    },
  };
}
