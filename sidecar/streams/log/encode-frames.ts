import { positionAfter } from '../../../shared/frames.ts';

/** Chunks as frames, one Buffer for all, the first beginning at `start`. `data` holds each frame's JSON, or `[DONE]`. */
export function encodeFrames({
  data,
  epoch,
  start,
}: {
  data: readonly string[];
  epoch: string;
  start: number;
}): Buffer {
  let text = '';
  let position = start;
  for (const json of data) {
    position = positionAfter({ start: position, dataBytes: Buffer.byteLength(json), epoch });
    text += `data: ${json}\nid: ${epoch}-${position}\n\n`;
  }
  return Buffer.from(text);
}
