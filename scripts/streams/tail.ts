import { createParser } from 'eventsource-parser';
import { DONE } from '../../shared/stream/frames.ts';
import type { Chunk } from '../../shared/stream/fold.ts';
import { pause } from '../shared/wait.ts';
import { SidecarAway, type SidecarClient } from './sidecar-client.ts';

export interface TailOptions {
  client: Pick<SidecarClient, 'events'>;
  streamId: string;
  /** Writes the text of the answer as it arrives. */
  write(text: string): void;
  /** Reports other events: a cut, a restart, an error. */
  note(line: string): void;
  /** When aborted, `tail` stops reading. The answer goes on. */
  signal: AbortSignal;
}

const AGAIN_MS = 500;

/** Follows an answer from its beginning to its end, and reconnects after a cut. Resolves to false if `signal` was aborted. */
export async function tail({ client, streamId, write, note, signal }: TailOptions): Promise<boolean> {
  let after: string | null = null;
  /** The value of `after` when a cut was last reported. While `after` has this value, no further cut is reported. */
  let cutAfter: string | null | undefined;
  let hasText = false;
  while (!signal.aborted) {
    try {
      const body = await client.events(streamId, { after, signal });
      if (body === null) return true; // the answer has ended, and all of it was read
      if (await readAll(body)) return true;
    } catch (error) {
      if (signal.aborted) break;
      // After a cut in the middle of a response (`read` throws a TypeError), the loop tries again. If the sidecar is away, the
      // loop tries again only if some frames were received before. All other errors are final.
      const isPassing = error instanceof TypeError || (error instanceof SidecarAway && after !== null);
      if (!isPassing) throw error;
    }
    const where = after === null ? 'beginning again' : `going on after ${after}`;
    if (after !== cutAfter) note(`(the connection was cut; ${where})`);
    cutAfter = after;
    await pause(AGAIN_MS, signal);
  }
  return false;

  /** Shows the frames of one response. Resolves to true if the answer ended in this response. */
  async function readAll(body: ReadableStream<Uint8Array>): Promise<boolean> {
    let isDone = false;
    const parser = createParser({
      onEvent({ data, id }) {
        after = id ?? after;
        if (data === DONE) isDone = true;
        else show(JSON.parse(data) as Chunk);
      },
    });
    const decoder = new TextDecoder();
    const reader = body.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read())
      parser.feed(decoder.decode(read.value, { stream: true }));
    return isDone;
  }

  function show(chunk: Chunk): void {
    if (chunk.type === 'start' && hasText) note('(the answer begins anew)');
    if (chunk.type === 'error') note(`(error: ${String(chunk.errorText)})`);
    if (chunk.type !== 'text-delta') return;
    hasText = true;
    write(String(chunk.delta));
  }
}
