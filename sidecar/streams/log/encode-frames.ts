import { formatFrame, positionAfter } from '../../../shared/stream/frames.ts';

/** Encodes chunks as frames in one Buffer; the first begins at `start`. `data`: the JSON of each frame, or `[DONE]`. */
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
    text += formatFrame(json, `${epoch}-${position}`);
  }
  return Buffer.from(text);
}
