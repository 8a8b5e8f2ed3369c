// @vitest-environment happy-dom
import { setTimeout as delay } from 'node:timers/promises';
import { act, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { StartRequest } from '../../shared/stream/stream.ts';
import { createStreamContent } from './stream-content.ts';
import type { StreamError } from './stream-error.ts';
import { fakeServer, type FakeServer } from './testing/fake-environment.ts';
import { recordLog, writeLog } from './testing/recorded-log.ts';
import {
  useResumableStream,
  type InitialStream,
  type ResumableStream,
  type ResumableStreamOptions,
} from './use-resumable-stream.ts';

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const log = recordLog({ deltas: 60 });
const request: StartRequest = {
  chatId: 'c1',
  messageId: 'm1',
  modelId: 'demo',
  messages: [{ role: 'user', content: 'Hello' }],
};

/** The stream id of the current test. All tests in this file share the hook's registry of streams, so each test uses a new id. */
let streamId = '';
let nextStream = 0;
let server: FakeServer;

function serve(next: FakeServer): FakeServer {
  server = next;
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const response = await next.fetch(url, init);
    if (url !== '/api/stream/start' || response.status !== 201) return response;
    return Response.json({ streamId }, { status: 201 });
  });
  return next;
}

interface Mounted {
  readonly stream: ResumableStream;
  readonly calls: { content: [string, string][]; completed: string[]; errors: StreamError[] };
  unmount(): void;
}

const mounted: Mounted[] = [];

function mount(options: ResumableStreamOptions = {}, { strict = false } = {}): Mounted {
  const calls: Mounted['calls'] = { content: [], completed: [], errors: [] };
  const seen: { stream: ResumableStream | null } = { stream: null };
  function Probe() {
    seen.stream = useResumableStream({
      onContent: (content, { delta }) => void calls.content.push([content, delta]),
      onComplete: ({ content }) => void calls.completed.push(content),
      onError: (error) => void calls.errors.push(error),
      ...options,
    });
    return <p>{seen.stream.content}</p>;
  }
  const root = createRoot(document.createElement('div'));
  act(() => root.render(strict ? <StrictMode children={<Probe />} /> : <Probe />));
  const result: Mounted = {
    get stream() {
      return seen.stream!;
    },
    calls,
    unmount: () => act(() => root.unmount()),
  };
  mounted.push(result);
  return result;
}

/** Runs React and the stream until the check holds. */
async function eventually(check: () => void): Promise<void> {
  const deadline = Date.now() + 3000;
  for (;;) {
    await act(() => delay(5));
    try {
      return check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

beforeEach(() => {
  nextStream += 1;
  streamId = `s${nextStream}`;
  localStorage.clear();
  sessionStorage.clear();
});
afterEach(() => {
  for (const one of mounted.splice(0)) one.unmount();
  vi.unstubAllGlobals();
});

function heldUpTo(bytes: number): InitialStream {
  const content = createStreamContent({ messageId: 'm1' });
  for (const frame of new TextDecoder().decode(log.bytes.slice(0, bytes)).split('\n\n').slice(0, -1)) {
    const [data, id] = frame.split('\nid: ');
    content.take({ data: data!.slice('data: '.length), id });
  }
  const { lastEventId, message } = content.snapshot();
  return { streamId, lastEventId, message, status: 'active' };
}

describe('useResumableStream', () => {
  test('starts, reports the text as it grows, and completes once', async () => {
    serve(fakeServer(log, { written: 1000 }));
    const one = mount();
    const { calls } = one;
    expect(one.stream.status).toBe('idle');
    await act(() => one.stream.startStream(request));
    await eventually(() => expect(one.stream.status).toBe('active'));
    await eventually(() => expect(one.stream.content).not.toBe(''));
    server.write(log.bytes.length);
    await eventually(() => expect(one.stream.status).toBe('completed'));
    expect(one.stream.content).toBe(log.text);
    expect(one.stream.message?.parts.map(({ type }) => type)).toEqual(['step-start', 'reasoning', 'text']);
    expect(calls.completed).toEqual([log.text]);
    expect(calls.content.map(([, delta]) => delta).join('')).toBe(log.text);
    expect(calls.content.at(-1)?.[0]).toBe(log.text);
    expect(calls.errors).toEqual([]);
  });

  test('reads the stream again from the beginning after a reload if the server rendered nothing, and completes once', async () => {
    serve(fakeServer(log, { written: 1000 }));
    const before = mount({ chatId: 'c1' });
    await act(() => before.stream.startStream(request));
    await eventually(() => expect(before.stream.status).toBe('active'));
    before.unmount();
    expect(before.calls.completed).toEqual([]);

    server.write(log.bytes.length);
    const after = mount({ chatId: 'c1' });
    await eventually(() => expect(after.stream.status).toBe('completed'));
    expect(after.calls.completed).toEqual([log.text]);
    after.unmount();

    const again = mount({ chatId: 'c1' });
    await act(() => delay(50));
    expect(again.stream.status).toBe('idle');
    expect(again.calls.completed).toEqual([]);
  });

  test('has the server’s text in the first render, and continues where that text ends', async () => {
    serve(fakeServer(log, { written: 2000 }));
    const initial = heldUpTo(1500);
    const texts: string[] = [];
    const one = mount({ chatId: 'c1', initial, onContent: (content) => void texts.push(content) });
    expect(one.stream.content).not.toBe('');
    expect(log.text.startsWith(one.stream.content)).toBe(true);
    server.write(log.bytes.length);
    await eventually(() => expect(one.stream.status).toBe('completed'));
    expect(server.asked[0]).toBe(`resume ${initial.lastEventId}`);
    expect(texts.every((text) => log.text.startsWith(text))).toBe(true);
    expect(one.stream.content).toBe(log.text);
  });

  test('survives the double mount of StrictMode with one connection and one completion', async () => {
    serve(fakeServer(log, { written: 1000 }));
    const one = mount({ chatId: 'c1' }, { strict: true });
    await act(() => one.stream.startStream(request));
    await eventually(() => expect(one.stream.status).toBe('active'));
    expect(server.connections).toBe(1);
    server.write(log.bytes.length);
    await eventually(() => expect(one.stream.status).toBe('completed'));
    expect(server.asked.filter((line) => line.startsWith('resume'))).toHaveLength(1);
    expect(one.calls.completed).toEqual([log.text]);
  });

  test('shares one connection between two components that use the same stream', async () => {
    serve(fakeServer(log, { written: 1000 }));
    const [first, second] = [mount({ chatId: 'c1' }), mount({ chatId: 'c2' })];
    act(() => first.stream.resumeStream(streamId));
    act(() => second.stream.resumeStream(streamId));
    await eventually(() => expect(second.stream.status).toBe('active'));
    expect(server.connections).toBe(1);
    server.write(log.bytes.length);
    await eventually(() => expect([first.stream.content, second.stream.content]).toEqual([log.text, log.text]));
  });

  test('still follows its stream if a start is refused, and reports why', async () => {
    serve(fakeServer(log, { written: 1000 }));
    const one = mount({ chatId: 'c1', initial: heldUpTo(800) });
    await eventually(() => expect(one.stream.connection.state).toBe('live'));
    server.answerNext(Response.json({ code: 'stream_active', title: 'Busy.', streamId }, { status: 409 }));
    const result = await act(() => one.stream.startStream({ ...request, messageId: 'm2' }));
    expect(result).toMatchObject({ started: false, error: { code: 'stream_active', streamId } });
    expect(one.stream).toMatchObject({ streamId, status: 'active', error: { code: 'stream_active' } });
    expect(one.calls.errors).toHaveLength(1);
  });

  test('repeats a start that the network lost', async () => {
    serve(fakeServer(log)).answerNext(new TypeError('Failed to fetch'));
    const one = mount();
    expect(await act(() => one.stream.startStream(request))).toEqual({ started: true, streamId });
  });

  test('stops a stream, even before it has an id', async () => {
    serve(fakeServer(log, { written: 1000 }));
    const one = mount({ chatId: 'c1' });
    await act(async () => {
      const started = one.stream.startStream(request);
      await one.stream.cancelStream();
      expect(server.asked).not.toContain('cancel');
      await started;
    });
    await eventually(() => expect(server.asked).toContain('cancel'));
    await act(() => one.stream.cancelStream());
    expect(server.asked.filter((line) => line === 'cancel')).toHaveLength(2);
  });

  test('lets later starts wait if `whenBusy` says so, and follows each when the answer before it is complete', async () => {
    serve(fakeServer(log, { written: 1000 }));
    const one = mount({ chatId: 'c1', whenBusy: 'queue' });
    const answered = fetch;
    const bodies: Record<string, unknown>[] = [];
    let waiting: ReadableStreamDefaultController<Uint8Array> | null = null;
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
      if (url === '/api/stream/start') bodies.push(JSON.parse(String(init.body)) as Record<string, unknown>);
      if (!url.startsWith(`/api/stream/resume/${streamId}-2`)) return answered(url, init);
      return new Response(new ReadableStream<Uint8Array>({ start: (controller) => void (waiting = controller) }));
    });
    const say = (text: string) => waiting!.enqueue(new TextEncoder().encode(text));
    const place = (number: number) =>
      say(`data: {"type":"data-queue","data":{"place":${number}},"transient":true}\n\n`);

    await act(() => one.stream.startStream(request));
    await eventually(() => expect(one.stream.status).toBe('active'));
    const later = async (number: number, more = {}) => {
      const answer = { streamId: `${streamId}-${number}`, status: 'queued', place: number - 1 };
      server.answerNext(Response.json(answer, { status: 202 }));
      await act(() => one.stream.startStream({ ...request, messageId: `m${number}`, ...more }));
    };
    await later(3, { whenBusy: 'interrupt' });
    await later(2);
    expect(bodies.map(({ whenBusy }) => whenBusy)).toEqual(['queue', 'interrupt', 'queue']);
    // The turns are in the order of their places, and the answer that is being written is still shown.
    expect(one.stream.queued).toEqual([
      { streamId: `${streamId}-2`, messageId: 'm2', place: 1 },
      { streamId: `${streamId}-3`, messageId: 'm3', place: 2 },
    ]);
    expect([one.stream.streamId, one.stream.place, one.stream.status]).toEqual([streamId, null, 'active']);

    server.write(log.bytes.length);
    await eventually(() => expect(waiting).not.toBeNull());
    expect(one.stream.queued).toEqual([{ streamId: `${streamId}-3`, messageId: 'm3', place: 1 }]);
    await act(async () => place(2));
    await eventually(() => expect([one.stream.status, one.stream.place]).toEqual(['queued', 2]));
    await act(async () => place(0));
    await eventually(() => expect(one.stream.place).toBe(0));
    expect([one.stream.streamId, one.stream.content, one.stream.error]).toEqual([`${streamId}-2`, '', null]);

    await act(async () => waiting!.enqueue(log.bytes.slice(0, 1000)));
    await eventually(() => expect([one.stream.status, one.stream.place]).toEqual(['active', null]));
    await act(async () => {
      waiting!.enqueue(log.bytes.slice(1000));
      waiting!.close();
    });
    // The third stream completes without further writes, because the fake server has the whole log already.
    await eventually(() => expect(one.calls.completed).toHaveLength(3));
    expect([one.stream.streamId, one.stream.queued, one.calls.errors]).toEqual([`${streamId}-3`, [], []]);
  });

  /** Mounts a component and starts an answer. The response to the next start will say that its turn waits. */
  async function mountWithNext() {
    serve(fakeServer(log, { written: 1000 }));
    const one = mount({ chatId: 'c1' });
    await act(() => one.stream.startStream(request));
    await eventually(() => expect(one.stream.status).toBe('active'));
    server.answerNext(Response.json({ streamId: `${streamId}-next`, status: 'queued', place: 1 }, { status: 202 }));
    return one;
  }

  test('stops an answer but keeps the next question, which was sent with `whenBusy: queue` and has no response yet', async () => {
    const one = await mountWithNext();
    await act(async () => {
      const queued = one.stream.startStream({ ...request, messageId: 'm2', whenBusy: 'queue' });
      await one.stream.cancelStream();
      expect(await queued).toEqual({ started: true, streamId: `${streamId}-next`, place: 1 });
    });
    expect(one.stream.queued).toMatchObject([{ messageId: 'm2' }]);
    expect(server.asked.filter((line) => line === 'cancel')).toHaveLength(1);
  });

  test('cancels a queued question that was taken back before the response to its start came', async () => {
    const one = await mountWithNext();
    await act(async () => {
      const queued = one.stream.startStream({ ...request, messageId: 'm2', whenBusy: 'queue' });
      one.stream.callOffStart('m2');
      expect(await queued).toMatchObject({ started: false, error: { code: 'called_off' } });
    });
    expect([one.stream.queued, one.stream.status]).toEqual([[], 'active']);
    await eventually(() => expect(server.asked).toContain('cancel'));
  });

  test('follows a turn that has interrupted an answer when that answer ends as cancelled, and keeps the turns behind it', async () => {
    const stopped = writeLog({ chunks: [{ type: 'start', messageId: 'm1' }], outcome: 'cancelled' });
    const interrupted = fakeServer(stopped, { written: 100 });
    serve(interrupted);
    const answered = fetch;
    vi.stubGlobal('fetch', async (url: string, init: RequestInit) =>
      url.startsWith(`/api/stream/resume/${streamId}-3`) ? new Response(new ReadableStream()) : answered(url, init),
    );
    const one = mount({ chatId: 'c1' });
    await act(() => one.stream.startStream(request));
    await eventually(() => expect(one.stream.status).toBe('active'));
    const later = async (number: number, place: number, whenBusy: 'queue' | 'interrupt') => {
      interrupted.answerNext(
        Response.json({ streamId: `${streamId}-${number}`, status: 'queued', place }, { status: 202 }),
      );
      await act(() => one.stream.startStream({ ...request, messageId: `m${number}`, whenBusy }));
    };
    await later(2, 1, 'queue');
    await later(3, 1, 'interrupt');
    await act(async () => interrupted.write(stopped.bytes.length));
    await eventually(() => expect(one.stream.streamId).toBe(`${streamId}-3`));
    expect(one.stream.queued).toMatchObject([{ messageId: 'm2' }]);
  });

  test('empties `queued` if the followed answer was stopped', async () => {
    serve(fakeServer(log, { written: 1000 }));
    const one = mount({ chatId: 'c1', whenBusy: 'queue' });
    await act(() => one.stream.startStream(request));
    await eventually(() => expect(one.stream.status).toBe('active'));
    server.answerNext(Response.json({ streamId: `${streamId}-2`, status: 'queued', place: 1 }, { status: 202 }));
    await act(() => one.stream.startStream({ ...request, messageId: 'm2' }));
    expect(one.stream.queued).toHaveLength(1);
    serve(fakeServer(writeLog({ chunks: [{ type: 'start', messageId: 'm1' }], outcome: 'cancelled' })));
    act(() => one.stream.resumeStream(`${streamId}-stopped`));
    await eventually(() => expect([one.stream.status, one.stream.queued]).toEqual(['cancelled', []]));
  });

  test('stops the second of two overlapping starts when the first was already refused', async () => {
    serve(fakeServer(log, { written: 1000 }));
    const one = mount({ chatId: 'c1' });
    let release: (response: Response) => void = () => undefined;
    const slow = new Promise<Response>((resolve) => (release = resolve));
    const answered = fetch;
    vi.stubGlobal('fetch', (url: string, init: RequestInit) =>
      String(init.body).includes('"m2"') ? slow : answered(url, init),
    );
    await act(async () => {
      server.answerNext(Response.json({ code: 'stream_active', title: 'No.' }, { status: 409 }));
      const first = one.stream.startStream(request);
      const second = one.stream.startStream({ ...request, messageId: 'm2' });
      expect(await first).toMatchObject({ started: false });
      await one.stream.cancelStream();
      release(Response.json({ streamId }, { status: 201 }));
      expect(await second).toMatchObject({ started: true });
    });
    await eventually(() => expect(server.asked).toContain('cancel'));
  });

  test('ends as cancelled without calling onComplete or onError', async () => {
    serve(fakeServer(writeLog({ chunks: [{ type: 'start', messageId: 'm1' }], outcome: 'cancelled' })));
    const one = mount();
    act(() => one.stream.resumeStream(streamId));
    await eventually(() => expect(one.stream.status).toBe('cancelled'));
    expect(one.calls).toMatchObject({ completed: [], errors: [] });
  });

  test('forgets a stream that is gone, and reports this once', async () => {
    localStorage.setItem('rejoin:stream:anyone:c1', streamId);
    serve(fakeServer(log)).answerNext(Response.json({ code: 'not_found' }, { status: 404 }));
    const one = mount({ chatId: 'c1' });
    await eventually(() => expect(one.stream.status).toBe('error'));
    await eventually(() => expect(one.calls.errors).toHaveLength(1));
    expect(localStorage).toHaveLength(0);
  });

  test('follows a stream that another tab started, as soon as the server has rendered it', async () => {
    serve(fakeServer(log));
    const root = createRoot(document.createElement('div'));
    let seen: ResumableStream | null = null;
    function Probe({ initial }: { initial: InitialStream | null }) {
      seen = useResumableStream({ chatId: 'c1', initial });
      return null;
    }
    act(() => root.render(<Probe initial={null} />));
    expect(seen!).toMatchObject({ status: 'idle' });
    act(() => root.render(<Probe initial={heldUpTo(800)} />));
    await eventually(() => expect(seen!).toMatchObject({ status: 'completed', content: log.text }));
    act(() => root.render(<Probe initial={null} />));
    expect(seen!).toMatchObject({ status: 'completed', content: log.text });
    act(() => root.unmount());
  });

  test('calls onComplete exactly once for a stream that ended during a reload, even if the server rendered no stream', async () => {
    serve(fakeServer(log, { written: 1000 }));
    const before = mount({ chatId: 'c1' });
    await act(() => before.stream.startStream(request));
    await eventually(() => expect(before.stream.content).not.toBe(''));
    before.unmount();
    server.write(log.bytes.length);
    const after = mount({ chatId: 'c1', initial: null }, { strict: true });
    await eventually(() => expect(after.calls.completed).toEqual([log.text]));
    expect([after.stream.streamId, after.stream.content, after.stream.status]).toEqual([null, '', 'idle']);
    const later = mount({ chatId: 'c1', initial: null });
    await eventually(() => expect(localStorage).toHaveLength(0));
    expect([later.calls.completed, after.calls.completed]).toEqual([[], [log.text]]);
  });
});
