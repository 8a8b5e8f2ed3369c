import { promisify } from 'node:util';
import { constants, zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib';
import { messageText, type StoredMessage } from '../../../shared/chat/messages.ts';
import { wordsIn } from './words.ts';

/** A message in the form in which a chat store keeps it, and the facts about the message that are needed without unpacking it. */
export interface PackedMessage {
  id: string;
  role: StoredMessage['role'];
  /** Empty for a message that begins a chat. */
  parentId: string;
  /** Length of the JSON of the message's parts. The sum of these lengths decides how many messages the model gets. */
  chars: number;
  /** Size of the message's JSON. */
  bytes: number;
  packed: Buffer;
  /** The words of the message's text, for searches. */
  words: string;
}

/** Shorter JSON is not compressed: it can be read with redis-cli, and compression would save little. */
const MIN_COMPRESSED_BYTES = 1024;
/** Below this size, using another thread costs more time than it saves. */
const MIN_THREADED_BYTES = 64 * 1024;
const OPTIONS = { params: { [constants.ZSTD_c_compressionLevel]: 3 } };
const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
const OPENING_BRACE = 0x7b;

export async function packMessage(message: StoredMessage): Promise<PackedMessage> {
  const json = Buffer.from(JSON.stringify(message));
  return {
    id: message.id,
    role: message.role,
    parentId: message.parentId ?? '',
    chars: JSON.stringify(message.parts).length,
    bytes: json.length,
    packed: await packText(json),
    words: wordsIn(messageText(message)),
  };
}

/**
 * Returns the message with the given `parentId`. A message that waits for the end of an answer is packed before its parent is known.
 * The chat store therefore keeps the parent of each message outside of the packed message. Callers that do not need the parent pass
 * `null`.
 */
export const unpackMessage = async (packed: Buffer, parentId: string | null): Promise<StoredMessage> => ({
  ...(JSON.parse((await unpackText(packed)).toString()) as StoredMessage),
  parentId,
});

/** JSON, compressed with Zstandard if that makes it smaller. Large JSON is compressed in another thread. */
export async function packText(json: Buffer): Promise<Buffer> {
  if (json.length < MIN_COMPRESSED_BYTES) return json;
  const compressed = json.length < MIN_THREADED_BYTES ? zstdCompressSync(json, OPTIONS) : await compress(json, OPTIONS);
  return compressed.length < json.length ? compressed : json;
}

/** Text that was not compressed begins with a brace, because it is the JSON of an object. Compressed text never begins with a brace. */
export async function unpackText(packed: Buffer): Promise<Buffer> {
  if (packed[0] === OPENING_BRACE) return packed;
  return packed.length < MIN_THREADED_BYTES ? zstdDecompressSync(packed) : decompress(packed);
}
