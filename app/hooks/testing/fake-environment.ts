import { setImmediate as nextTurn } from 'node:timers/promises';
import { parseEventId } from '../../../shared/stream/event-id.ts';
import type { StreamStatus } from '../../../shared/stream/stream.ts';
import type { StreamEnvironment, WindowChange } from '~/hooks/stream-environment.ts';
import type { RecordedLog } from './recorded-log.ts';

export interface FakeEnvironment extends StreamEnvironment {
  /** Moves the clock on by `ms` and runs all timers that become due. */
  advance(ms: number): Promise<void>;
  change(change: WindowChange): void;
  readonly warnings: string[];
  readonly refreshes: number;
  readonly watchers: number;
  /** Number of connections that the tabs of this browser may still open. */
  places: number;
}

/** A browser window whose clock moves only when `advance` is called. An animation frame lasts 16 ms. */
export function fakeEnvironment(fetch: StreamEnvironment['fetch']): FakeEnvironment {
  let now = 0;
  let visible = true;
  let online = true;
  let refreshes = 0;
  const warnings: string[] = [];
  const watchers = new Set<(change: WindowChange) => void>();
  const timers = new Set<{ at: number; task: () => void; isFrame?: boolean }>();
  const later = (task: () => void, ms: number) => {
    const timer = { at: now + ms, task };
    timers.add(timer);
    return () => void timers.delete(timer);
  };
  return {
    fetch,
    later,
    nextFrame(task) {
      if (!visible) return later(task, 16);
      const timer = { at: now + 16, task, isFrame: true };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    random: () => 1,
    isVisible: () => visible,
    isOnline: () => online,
    watch(listener) {
      watchers.add(listener);
      return () => void watchers.delete(listener);
    },
    places: 4,
    takePlace() {
      if (this.places === 0) return Promise.resolve(null);
      this.places -= 1;
      return Promise.resolve(() => void (this.places += 1));
    },
    refreshSession: () => {
      refreshes += 1;
      return Promise.resolve();
    },
    warn: (message) => void warnings.push(message),
    async advance(ms) {
      const end = now + ms;
      await settle();
      for (;;) {
        // A hidden page gets no animation frames.
        const due = [...timers].filter(({ at, isFrame }) => at <= end && (visible || !isFrame));
        const next = due.sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        timers.delete(next);
        now = Math.max(now, next.at);
        next.task();
        await settle();
      }
      now = end;
    },
    change(change) {
      if (change === 'shown' || change === 'hidden') visible = change === 'shown';
      else online = change === 'online';
      for (const listener of [...watchers]) listener(change);
    },
    warnings,
    get refreshes() {
      return refreshes;
    },
    get watchers() {
      return watchers.size;
    },
  };
}

/** Waits until promises and streams have settled, which takes several rounds of the event loop. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await nextTurn();
}

export interface FakeServer {
  fetch: StreamEnvironment['fetch'];
  /**
   * Requests so far, such as `resume 1-5` (`resume -` without an event id), `status`, `cancel` and `start`. Requests that
   * got a response from `answerNext` are left out.
   */
  readonly asked: string[];
  /** Number of open connections to `/api/stream/resume`. */
  readonly connections: number;
  /** Sets how many bytes of the log exist, and sends the new ones to readers. */
  write(upTo: number): void;
  cut(): void;
  /** Sets the responses, or errors, for the next requests. */
  answerNext(...responses: (Response | Error)[]): void;
}

/**
 * Serves the app's stream API from a recorded log. Readers get the first `written` bytes, which may end in the middle of a frame.
 * Each number in `cutAfter` cuts one response to a resume request after that many bytes.
 */
export function fakeServer(
  log: RecordedLog,
  options: { written?: number; cutAfter?: number[]; status?: StreamStatus } = {},
): FakeServer {
  let written = options.written ?? log.bytes.length;
  const cutAfter = [...(options.cutAfter ?? [])];
  const asked: string[] = [];
  const forced: (Response | Error)[] = [];
  const readers = new Set<{ sent: number; controller: ReadableStreamDefaultController<Uint8Array> }>();
  const lastEventId = () => log.eventIds.findLast((id) => parseEventId(id)!.position <= written) ?? null;

  function feed(reader: { sent: number; controller: ReadableStreamDefaultController<Uint8Array> }): void {
    if (reader.sent < written) reader.controller.enqueue(log.bytes.slice(reader.sent, written));
    reader.sent = Math.max(reader.sent, written);
    if (reader.sent < log.bytes.length) return;
    readers.delete(reader);
    reader.controller.close();
  }

  function resume(init: RequestInit): Response {
    const after = new Headers(init.headers).get('Last-Event-ID');
    asked.push(`resume ${after ?? '-'}`);
    const position = after === null ? 0 : parseEventId(after)!.position;
    if (position === log.bytes.length) return new Response(null, { status: 204 });
    const limit = cutAfter.shift();
    if (limit !== undefined) return new Response(cutBody(log.bytes.slice(position, position + limit)));
    let reader: { sent: number; controller: ReadableStreamDefaultController<Uint8Array> };
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        reader = { sent: position, controller };
        readers.add(reader);
        feed(reader);
      },
      cancel: () => void readers.delete(reader),
    });
    init.signal?.addEventListener('abort', () => {
      if (readers.delete(reader)) reader.controller.error(new DOMException('aborted', 'AbortError'));
    });
    return new Response(body);
  }

  return {
    async fetch(url, init) {
      const next = forced.shift();
      if (next instanceof Error) throw next;
      if (next) return next;
      if (url.startsWith('/api/stream/resume/')) return resume(init);
      if (url.startsWith('/api/stream/status/')) {
        asked.push('status');
        const ended = written === log.bytes.length;
        const status = options.status ?? (ended ? 'completed' : 'active');
        return Response.json({ status, lastEventId: lastEventId(), error: null });
      }
      if (url === '/api/stream/start') {
        asked.push('start');
        return Response.json({ streamId: 's1' }, { status: 201 });
      }
      asked.push('cancel');
      return Response.json({ streamId: 's1', status: 'cancelled', lastEventId: lastEventId() });
    },
    asked,
    get connections() {
      return readers.size;
    },
    write(upTo) {
      written = Math.min(upTo, log.bytes.length);
      for (const reader of [...readers]) feed(reader);
    },
    cut() {
      for (const reader of [...readers]) reader.controller.error(new TypeError('network error'));
      readers.clear();
    },
    answerNext: (...responses) => void forced.push(...responses),
  };
}

function cutBody(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (sent) return controller.error(new TypeError('network error'));
      sent = true;
      controller.enqueue(bytes);
    },
  });
}
