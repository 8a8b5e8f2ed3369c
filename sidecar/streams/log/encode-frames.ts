import { formatFrame, positionAfter } from '../../../shared/stream/frames.ts';

/** Encodes frames into one Buffer. `data`: the JSON of each frame, or `[DONE]`. `start`: the position of the first frame. */
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
