import type { ServerResponse } from 'node:http';
import { chunksIn } from '../streams/log/read-frames.ts';
import type { Sink } from '../streams/read/reader.ts';

/** The common part of all sinks that write to a response. Each call of `onClose` replaces the previous listener. */
function sinkOver(response: ServerResponse, write: (frames: Buffer) => boolean): Sink {
  let onClose: (() => void) | null = null;
  response.once('close', () => onClose?.());
  return {
    write,
    get isClosed() {
      return response.destroyed;
    },
    onClose(listener) {
      onClose = listener;
      if (response.destroyed) listener?.();
    },
    drained() {
      if (!response.writableNeedDrain || response.destroyed) return Promise.resolve();
      return new Promise((resolve) => {
        const done = () => {
          response.off('drain', done);
          response.off('close', done);
          resolve();
        };
        response.on('drain', done);
        response.on('close', done);
      });
    },
  };
}

export const createSseSink = (response: ServerResponse): Sink => sinkOver(response, (frames) => response.write(frames));

/** Characters in one write. Small writes are rarely split on the way, so readers rarely get half of a character. */
const TEXT_WRITE_CHARS = 4096;

/** Writes only the text that the frames contain. A surrogate pair is never split between two writes. */
export function createTextSink(response: ServerResponse): Sink {
  let held = '';
  return sinkOver(response, (frames) => {
    let text = held;
    for (const chunk of chunksIn(frames)) if (chunk.type === 'text-delta') text += String(chunk.delta);
    held = '';
    if (isHighSurrogate(text.charCodeAt(text.length - 1))) {
      held = text.slice(-1);
      text = text.slice(0, -1);
    }
    let hasRoom = true;
    for (let at = 0; at < text.length;) {
      let to = Math.min(text.length, at + TEXT_WRITE_CHARS);
      if (to < text.length && isHighSurrogate(text.charCodeAt(to - 1))) to -= 1;
      hasRoom = response.write(text.slice(at, to));
      at = to;
    }
    return hasRoom;
  });
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
