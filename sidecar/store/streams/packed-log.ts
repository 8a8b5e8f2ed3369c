import { promisify } from 'node:util';
import {
  constants,
  zstdCompress,
  zstdCompressSync,
  zstdDecompress,
  zstdDecompressSync,
  type ZstdOptions,
} from 'node:zlib';
import { DONE, formatFrame, positionAfter } from '../../../shared/stream/frames.ts';

/**
 * PROTOCOL.md 8.7: a part of the packed log of an ended stream. Unpacking gives every byte back.
 *
 * Before compression, frames are turned into lines. In this example, the left side shows the frames and the right side shows their
 * lines. The first line is the epoch of the frames after it. A run of deltas is one line with four parts: the chunk without its last
 * field, the name of that field, the length of each delta's text, and all texts joined.
 *
 *     data: {"type":"text-delta","id":"0","delta":"The sky"}       "1k7f3"
 *     id: 1k7f3-69                                            →    [{"type":"text-delta","id":"0"},"delta",[7,3],"The sky is"]
 *                                                                  [DONE]
 *     data: {"type":"text-delta","id":"0","delta":" is"}
 *     id: 1k7f3-135
 *
 *     data: [DONE]
 *     id: 1k7f3-163
 */
export interface PackedBlock {
  /** The length of the block's frames before packing. */
  bytes: number;
  packed: Buffer;
}

/** Frames are packed in blocks of about this size. */
export const BLOCK_BYTES = 128 * 1024;
/**
 * Maximum length of the dictionary for the compression. Only a log that fits into one block has a dictionary: the end of the stream's
 * state copy (the JSON at `stream:<id>`), which contains the same text as the log.
 */
export const DICTIONARY_BYTES = 128 * 1024;

/** Smaller blocks are packed in this thread: another thread would cost more time than it saves. */
const MIN_THREADED_BYTES = 32 * 1024;
const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
const options = (dictionary: Buffer): ZstdOptions => ({
  params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 },
  ...dictionaryOption(dictionary),
});
const dictionaryOption = (dictionary: Buffer): ZstdOptions => (dictionary.length > 0 ? { dictionary } : {});

/**
 * @param frames whole frames that begin at `start`
 * @param dictionary text that the frames probably repeat; may be empty
 * @returns `null` if unpacking would not give the same bytes, because this program would have written the frames differently
 */
export async function packFrames(frames: Buffer, start: number, dictionary: Buffer): Promise<PackedBlock | null> {
  const lines = linesOf(frames.toString());
  if (lines === null || !framesIn(lines, start).equals(frames)) return null;
  const text = Buffer.from(lines);
  const isLarge = text.length + dictionary.length > MIN_THREADED_BYTES;
  const packed = isLarge ? await compress(text, options(dictionary)) : zstdCompressSync(text, options(dictionary));
  return { bytes: frames.length, packed };
}

/** @throws if the block is damaged or was packed with another dictionary */
export async function unpackFrames(packed: Buffer, start: number, dictionary: Buffer): Promise<Buffer> {
  if (packed.length + dictionary.length <= MIN_THREADED_BYTES) return unpackNow(packed, start, dictionary);
  return framesIn((await decompress(packed, dictionaryOption(dictionary))).toString(), start);
}

const unpackNow = (packed: Buffer, start: number, dictionary: Buffer): Buffer =>
  framesIn(zstdDecompressSync(packed, dictionaryOption(dictionary)).toString(), start);

/** The field `packed` of meta: the unpacked and the packed length of each block, for example `131002:9020 41200:3105`. */
export const formatIndex = (blocks: readonly PackedBlock[]): string =>
  blocks.map(({ bytes, packed }) => `${bytes}:${packed.length}`).join(' ');

/** Unpacks a whole log. `index` is the field `packed` of meta. `state` is the state copy. */
export function unpackLog(log: Buffer, index: string, state: Buffer): Buffer {
  const blocks = index.split(' ').map((block) => block.split(':').map(Number) as [number, number]);
  const dictionary = blocks.length === 1 ? state.subarray(-DICTIONARY_BYTES) : Buffer.alloc(0);
  const unpacked: Buffer[] = [];
  let [position, at] = [0, 0];
  for (const [bytes, size] of blocks) {
    unpacked.push(unpackNow(log.subarray(at, at + size), position, dictionary));
    position += bytes;
    at += size;
  }
  return Buffer.concat(unpacked);
}

const DATA = 'data: ';
const ID = '\nid: ';

/** Consecutive deltas that differ only in the value of their last field. `member` is the name of this field. */
interface Run {
  head: Record<string, unknown>;
  headJson: string;
  member: string;
  lengths: number[];
  texts: string[];
}

/**
 * Returns one line for each change of the epoch, for each run of deltas, and for each frame that is not a delta. Returns `null` if
 * the text does not consist of frames.
 */
function linesOf(frames: string): string | null {
  const lines: string[] = [];
  let epoch = '';
  let run: Run | null = null;
  const endRun = () => {
    if (run) lines.push(JSON.stringify([run.head, run.member, run.lengths, run.texts.join('')]));
    run = null;
  };
  for (let at = 0; at < frames.length;) {
    const dataEnd = frames.indexOf(ID, at);
    const frameEnd = frames.indexOf('\n\n', dataEnd + 1);
    if (dataEnd === -1 || frameEnd === -1) return null;
    const data = frames.slice(at + DATA.length, dataEnd);
    if (!frames.startsWith(DATA, at) || !(data.startsWith('{') || data === DONE)) return null;
    const id = frames.slice(dataEnd + ID.length, frameEnd);
    const frameEpoch = id.slice(0, id.indexOf('-'));
    if (frameEpoch !== epoch) {
      endRun();
      epoch = frameEpoch;
      lines.push(JSON.stringify(epoch));
    }
    const delta = deltaIn(data);
    if (delta === null) {
      endRun();
      lines.push(data);
    } else {
      if (run?.headJson !== delta.headJson || run.member !== delta.member) {
        endRun();
        run = { ...delta, lengths: [], texts: [] };
      }
      run.lengths.push(delta.text.length);
      run.texts.push(delta.text);
    }
    at = frameEnd + 2;
  }
  endRun();
  return lines.join('\n');
}

/** Reads a delta: an object whose `type` ends with `-delta` and whose last value is a text. `null` for other chunks. */
function deltaIn(data: string): (Omit<Run, 'lengths' | 'texts'> & { text: string }) | null {
  if (!/^\{"type":"[a-z-]{1,40}-delta",/.test(data)) return null;
  const chunk = JSON.parse(data) as Record<string, unknown>;
  const [member, text] = Object.entries(chunk).at(-1)!;
  if (typeof text !== 'string') return null;
  const { [member]: _text, ...head } = chunk;
  if (deltaJson(head, member, text) !== data) return null;
  return { head, headJson: JSON.stringify(head), member, text };
}

const deltaJson = (head: Record<string, unknown>, member: string, text: string): string =>
  JSON.stringify({ ...head, [member]: text });

function framesIn(lines: string, start: number): Buffer {
  const frames: string[] = [];
  let epoch = '';
  let position = start;
  const add = (data: string) => {
    position = positionAfter({ start: position, dataBytes: Buffer.byteLength(data), epoch });
    frames.push(formatFrame(data, `${epoch}-${position}`));
  };
  for (const line of lines.split('\n')) {
    if (line.startsWith('"')) epoch = JSON.parse(line) as string;
    else if (line.startsWith('[{')) {
      const [head, member, lengths, text] = JSON.parse(line) as [Run['head'], string, number[], string];
      let at = 0;
      for (const length of lengths) add(deltaJson(head, member, text.slice(at, (at += length))));
    } else add(line);
  }
  return Buffer.from(frames.join(''));
}
