import type { ServerResponse } from 'node:http';
import { chunksIn } from '../streams/read-frames.ts';
import type { Sink } from '../streams/reader.ts';

function drained(response: ServerResponse): Promise<void> {
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
}

/** Frames as they are. */
export function createSseSink(response: ServerResponse): Sink {
  return {
    write: (frames) => response.write(frames),
    drained: () => drained(response),
    get isClosed() {
      return response.destroyed;
    },
  };
}

/** Small writes, so that a reader that decodes each by itself seldom finds a character cut in two. */
const TEXT_WRITE_CHARS = 4096;

/** The text in the frames, whole code points only. What comes before a new `start` was given up and cannot be unsaid. */
export function createTextSink(response: ServerResponse): Sink {
  let held = '';

  function write(frames: Buffer): boolean {
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
  }

  return {
    write,
    drained: () => drained(response),
    get isClosed() {
      return response.destroyed;
    },
  };
}

const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
