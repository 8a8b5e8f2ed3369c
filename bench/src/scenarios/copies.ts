/**
 * T12: a long question and a long answer. Besides the log of a stream, the sidecar keeps the stream's state as JSON at
 * `stream:<id>` in Redis: the state copy (PROTOCOL.md 12.2). Counts the bytes that are written to this copy.
 */
import { newReader, until, type Bench, type Metrics } from './common.ts';

export async function copies(
  bench: Bench,
  options: { promptBytes: number; chunks: number; ratePerSec: number },
): Promise<Metrics> {
  const { promptBytes, chunks, ratePerSec } = options;
  bench.chunkChars = 20;
  const streamId = await bench.adapter.start(bench.deployment, {
    model: 'synthetic',
    params: { chunks, chunkChars: 20, ratePerSec, startDelayMs: 1000 },
    prompt: 'lorem ipsum '.repeat(promptBytes / 12),
  });
  // The question is written to the copy once, at the start. Only the bytes that are written later are counted.
  const patched = await bench.redis!.countBytes('"SETRANGE" "stream:');
  const replaced = await bench.redis!.countBytes('"SET" "stream:');
  const reader = newReader(bench, streamId);
  let ended = false;
  reader.onEnd = () => (ended = true);
  reader.connect();
  await until(() => ended, (chunks / ratePerSec) * 1000 + 20_000);
  reader.abort();
  const copyBytes = patched() + replaced();
  return {
    complete: reader.finished && reader.received === chunks ? 1 : 0,
    log_bytes: reader.characters,
    copy_bytes: copyBytes,
    copy_per_log_byte: copyBytes / reader.characters,
  };
}
