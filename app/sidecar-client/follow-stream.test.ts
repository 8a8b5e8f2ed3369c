import { Readable } from 'node:stream';
import { inspect } from 'node:util';
import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { RejoinError } from '../../shared/errors.ts';
import type { Chunk } from '../../shared/stream/fold.ts';
import { followStream, type Followed } from './follow-stream.server.ts';

const frame = (chunk: Chunk | string, id: string) =>
  `data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\nid: ${id}\n\n`;
const START = { type: 'start', messageId: 'm1' };
const delta = (text: string) => ({ type: 'text-delta', id: '0', delta: text });

/** A connection that delivers these pieces and then ends, or is cut. */
const connection = (pieces: (string | Uint8Array)[], { cut = false } = {}) => {
  const body = Readable.from(
    (async function* () {
      yield* pieces.map((piece) => Buffer.from(piece as string));
      if (cut) throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
    })(),
  );
  return { status: 200, body: body as unknown as IncomingMessage };
};

/** Follows a stream over these connections in turn. `askedAfter`: the `after` with which each connection was opened. */
async function follow(
  connections: (ReturnType<typeof connection> | RejoinError | { status: 204 })[],
  patienceMs?: number,
) {
  const askedAfter: (string | undefined)[] = [];
  const chunks: Followed[] = [];
  const open = async ({ after }: { after?: string }) => {
    askedAfter.push(after);
    const next = connections.shift();
    if (next instanceof RejoinError) throw next;
    return next as ReturnType<typeof connection>;
  };
  const followed = followStream({
    open,
    signal: new AbortController().signal,
    ...(patienceMs === undefined ? {} : { patienceMs }),
  });
  for await (const chunk of followed) chunks.push(chunk);
  return { chunks, askedAfter };
}

describe('following a stream', () => {
  test('yields its chunks up to the end', async () => {
    const { chunks } = await follow([
      connection([frame(START, '1a-1'), frame(delta('Hi'), '1a-2'), frame('[DONE]', '1a-3')]),
    ]);
    expect(chunks).toEqual([START, delta('Hi')]);
  });

  test('continues after the last complete frame when the connection is cut', async () => {
    const second = frame(delta('you 🦀'), '1a-3');
    const cutInside = connection([frame(START, '1a-1') + frame(delta('Hi '), '1a-2') + second.slice(0, 20)], {
      cut: true,
    });
    const rest = connection([second, frame('[DONE]', '1a-4')]);
    const { chunks, askedAfter } = await follow([cutInside, rest]);
    expect(chunks).toEqual([START, delta('Hi '), delta('you 🦀')]);
    expect(askedAfter).toEqual([undefined, '1a-2']);
  });

  test('treats an end without [DONE] as a cut', async () => {
    const { askedAfter } = await follow([connection([frame(START, '1a-1')]), connection([frame('[DONE]', '1a-2')])]);
    expect(askedAfter).toEqual([undefined, '1a-1']);
  });

  test('gives up if the stream keeps ending without [DONE] and without anything new', async () => {
    const ends = Array.from({ length: 3 }, () => connection([]));
    await expect(follow(ends, -1)).rejects.toMatchObject({ code: 'sidecar_unreachable' });
    expect(ends).toHaveLength(2);
  });

  test('fails as unreachable if the stream keeps being cut', async () => {
    const cuts = Array.from({ length: 3 }, () => connection([], { cut: true }));
    await expect(follow(cuts, -1)).rejects.toMatchObject({ code: 'sidecar_unreachable' });
    expect(cuts).toHaveLength(2);
  });

  test('fails at a frame that is not JSON, opens no other connection, and does not quote the frame in the error', async () => {
    const bad = connection([frame(START, '1a-1') + frame('{"delta":"a secret', '1a-2')]);
    const rest = connection([frame('[DONE]', '1a-3')]);
    const connections = [bad, rest];
    const error: unknown = await follow(connections).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'internal' });
    expect(inspect(error, { depth: 9 })).not.toContain('secret');
    expect(connections).toEqual([rest]);
  });

  test('reads characters that are split between pieces', async () => {
    const bytes = Buffer.from(frame(delta('🦀é'), '1a-1') + frame('[DONE]', '1a-2'));
    const { chunks } = await follow([connection([...bytes].map((byte) => Uint8Array.of(byte)))]);
    expect(chunks).toEqual([delta('🦀é')]);
  });

  test('yields heartbeats', async () => {
    const { chunks } = await follow([connection([': keep-alive\n\n', frame('[DONE]', '1a-2')])]);
    expect(chunks).toEqual([{ type: 'heartbeat' }]);
  });

  test('ends if the sidecar answers 204', async () => {
    expect((await follow([{ status: 204 }])).chunks).toEqual([]);
  });

  test('retries after temporary errors, and throws other errors', async () => {
    const away = new RejoinError('sidecar_unreachable');
    const { chunks } = await follow([away, connection([frame(START, '1a-1'), frame('[DONE]', '1a-2')])]);
    expect(chunks).toEqual([START]);
    await expect(follow([new RejoinError('not_found')])).rejects.toMatchObject({ code: 'not_found' });
    await expect(follow([away], -1)).rejects.toMatchObject({ code: 'sidecar_unreachable' });
  });
});
