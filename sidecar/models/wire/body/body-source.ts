import type { Readable } from 'node:stream';

/** Collects the bytes of a body until they are taken. */
export interface BodySource {
  /** All pieces that have come since the last call; `null` if there are none. */
  take(): Uint8Array[] | null;
  /** How the body ended; `null` as long as more may come. Pieces that came before the end can still be taken. */
  readonly end: 'closed' | 'reset' | null;
}

/** Reading from the model pauses while more bytes than this wait to be taken. */
const MAX_KEPT_BYTES = 256 * 1024;

/**
 * Listens to the body's Node events (`data`, `end`, …). An async iterator would cost several promises for each piece, and would
 * lose bytes that came before a connection broke.
 *
 * @param notify called when there are bytes to take, and at the end
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
  // `close` without `end`: the body was cut.
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
