import { createParser } from 'eventsource-parser';
import type { StreamState, StreamStatus } from '../../shared/stream/stream.ts';
import { backoffMs } from './backoff.ts';
import { createStreamContent, type Frame, type Held, type Snapshot } from './stream-content.ts';
import { streamUrls } from './stream-backend.ts';
import type { StreamEnvironment, WindowChange } from './stream-environment.ts';
import { errorOfResponse, failedError, goneError, type StreamError } from './stream-error.ts';
import {
  connectionOf,
  initialMachine,
  step,
  type Connection,
  type Ending,
  type StreamEffect,
  type StreamEvent,
} from './stream-machine.ts';

/** A connection counts as cut after this time without a byte. The server sends a heartbeat every 15 s. */
const SILENCE_MS = 40_000;
/** Stored bytes arrive without pauses. After a pause this long, everything that was stored has been read. */
const QUIET_MS = 25;
const HIDDEN_POLL_MS = 5_000;
/** A request that has had no response for this long counts as cut. */
const ANSWER_MS = 20_000;
/** Frames are handled for at most this long without a pause, so that the browser can paint and handle input. */
const WORK_MS = 12;

export interface FollowedStream extends Snapshot {
  streamId: string;
  status: 'connecting' | StreamStatus;
  error: StreamError | null;
  connection: Connection;
}

/** One followed stream, shared by any number of components. */
export interface StreamConnection {
  readonly streamId: string;
  /** The current content and status. Returns the same object until something changes. */
  snapshot(): FollowedStream;
  /** Calls `listener` after changes, at most once per animation frame. While the page is hidden, a timer is used instead. */
  subscribe(listener: () => void): () => void;
  follow(): void;
  /** Closes the connection. The content is kept, and a later {@link follow} continues from it. */
  release(): void;
  /**
   * Asks for the stream's status, and reads on if necessary. Call this method if something else, such as another tab, reports that
   * the stream may have changed.
   */
  nudge(): void;
}

export function createStreamConnection({
  streamId,
  messageId,
  held,
  environment,
}: {
  streamId: string;
  messageId: string;
  held?: Held;
  environment: StreamEnvironment;
}): StreamConnection {
  const content = createStreamContent({ messageId, held });
  const listeners = new Set<() => void>();
  let machine = initialMachine;
  let error: StreamError | null = null;
  let failure: StreamState['error'] = null;
  let anythingRead = Boolean(held?.lastEventId);
  let snapshot: FollowedStream | null = null;
  let callOff: (() => void) | null = null;
  let request: AbortController | null = null;
  let unwatch: (() => void) | null = null;
  let cancelNotify: (() => void) | null = null;
  let warned = false;

  function send(event: StreamEvent): void {
    const { state, effects } = step(machine, event);
    if (state === machine && effects.length === 0) return;
    machine = state;
    for (const effect of effects) perform(effect);
    notifySoon();
  }

  function perform(effect: StreamEffect): void {
    switch (effect.type) {
      case 'open':
        return void open();
      case 'ask':
        return void ask();
      case 'close':
        request?.abort();
        request = null;
        stopWaiting();
        return;
      case 'wait':
        return wait(Math.max(effect.atLeastMs, backoffMs(effect.attempt, environment.random())));
      case 'waitHidden':
        return wait(HIDDEN_POLL_MS);
      case 'refresh':
        return void environment.refreshSession().then(() => send({ type: 'refreshed' }));
      case 'reset':
        content.reset();
        if (effect.because === 'mismatch' && !warned) {
          warned = true;
          environment.warn(`The log of stream ${streamId} failed its check. It is read again from its beginning.`);
        }
        return;
      case 'end':
        return ended(effect.ending);
      default:
        return effect satisfies never;
    }
  }

  function stopWaiting(): void {
    callOff?.();
    callOff = null;
  }

  function wait(ms: number): void {
    stopWaiting();
    callOff = environment.later(() => {
      callOff = null;
      send({ type: 'timer' });
    }, ms);
  }

  /** Reports events only while `controller` belongs to the current request. Late responses to earlier requests are ignored. */
  const sender = (controller: AbortController) => (event: StreamEvent) => {
    if (request === controller) send(event);
  };

  async function open(): Promise<void> {
    stopWaiting();
    const controller = new AbortController();
    request = controller;
    const report = sender(controller);
    const after = content.lastEventId;
    const givePlaceBack = await environment.takePlace();
    try {
      if (request !== controller) return;
      const headers = { Accept: 'text/event-stream', ...(after ? { 'Last-Event-ID': after } : {}) };
      const response = await inTime(() => get('resume', headers, controller), report);
      if (request !== controller) return;
      if (response.status !== 200 || !response.body) return await inTime(() => refuse(response, report), report);
      if (response.headers.get('X-Stream-Reset') === '1') content.reset();
      report({ type: 'opened', takingTurns: givePlaceBack === null });
      await read({ body: response.body, controller, report });
    } catch {
      // The connection was cut, or `controller` was aborted. After an abort, `controller` does not belong to the current request,
      // so `report` does nothing.
      report({ type: 'cut' });
    } finally {
      controller.abort();
      givePlaceBack?.();
    }
  }

  function get(
    what: 'resume' | 'status',
    headers: Record<string, string>,
    { signal }: AbortController,
  ): Promise<Response> {
    const url = (environment.urls?.() ?? streamUrls())[what](streamId);
    return environment.fetch(url, { headers, cache: 'no-store', signal });
  }

  /** Does `work`, which waits for a response or a short body. Reports `cut` if `work` takes longer than `ANSWER_MS`. */
  async function inTime<T>(work: () => Promise<T>, report: (event: StreamEvent) => void): Promise<T> {
    const stop = environment.later(() => report({ type: 'cut' }), ANSWER_MS);
    try {
      return await work();
    } finally {
      stop();
    }
  }

  async function read({
    body,
    controller,
    report,
  }: {
    body: ReadableStream<Uint8Array>;
    controller: AbortController;
    report: (event: StreamEvent) => void;
  }): Promise<void> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    const frames: Frame[] = [];
    const parser = createParser({ onEvent: ({ data, id }) => void frames.push({ data, id }) });
    let workSince = performance.now();
    for (;;) {
      const { done, value } = await patiently(() => reader.read(), report);
      if (request !== controller) return;
      if (done) return report({ type: 'cut' });
      parser.feed(decoder.decode(value, { stream: true }));
      for (const frame of frames.splice(0)) {
        const taken = content.take(frame);
        if (taken === 'mismatch') return report({ type: 'mismatch' });
        anythingRead = true;
        if (taken === 'done') {
          const whole = await content.verify();
          return report(whole ? { type: 'finished', outcome: content.outcome ?? 'completed' } : { type: 'mismatch' });
        }
        if (performance.now() - workSince > WORK_MS) {
          notifySoon();
          await new Promise<void>((resolve) => void environment.later(resolve, 0));
          if (request !== controller) return;
          workSince = performance.now();
        }
      }
      report({ type: 'progress' });
      notifySoon();
      workSince = performance.now();
    }
  }

  /** Waits for the next bytes. Reports `caughtUp` after `QUIET_MS` without bytes, and `cut` after `SILENCE_MS`. */
  async function patiently<T>(next: () => Promise<T>, report: (event: StreamEvent) => void): Promise<T> {
    const stopQuiet = environment.later(() => report({ type: 'caughtUp' }), QUIET_MS);
    const stopSilence = environment.later(() => report({ type: 'cut' }), SILENCE_MS);
    try {
      return await next();
    } finally {
      stopQuiet();
      stopSilence();
    }
  }

  async function ask(): Promise<void> {
    stopWaiting();
    const controller = new AbortController();
    request = controller;
    const report = sender(controller);
    try {
      await inTime(async () => {
        const response = await get('status', { Accept: 'application/json' }, controller);
        if (!response.ok) return refuse(response, report);
        const { status, lastEventId, error: reason } = (await response.json()) as StreamState;
        failure = reason;
        report({ type: 'answered', status, atEnd: lastEventId !== null && lastEventId === content.lastEventId });
      }, report);
    } catch {
      report({ type: 'cut' });
    }
  }

  async function refuse(response: Response, report: (event: StreamEvent) => void): Promise<void> {
    const refusal = response.status === 204 ? null : await errorOfResponse(response);
    const retryAfterSeconds = Number(response.headers.get('Retry-After'));
    report({
      type: 'refused',
      httpStatus: response.status,
      ...(retryAfterSeconds > 0 ? { retryAfterMs: retryAfterSeconds * 1000 } : {}),
      ...(refusal?.code === 'invalid_event_id' ? { invalidEventId: true } : {}),
    });
  }

  function ended(ending: Ending): void {
    unwatch?.();
    unwatch = null;
    if (ending.kind === 'gone') error = goneError();
    if (ending.kind === 'error') {
      const text = content.errorText ?? failure?.text ?? 'The answer could not be completed.';
      error = failedError(text, content.errorCode ?? failure?.code ?? null);
    }
  }

  function notifySoon(): void {
    snapshot = null;
    cancelNotify ??= environment.nextFrame(() => {
      cancelNotify = null;
      for (const listener of [...listeners]) listener();
    });
  }

  const onWindowChange = (change: WindowChange): void => {
    // A hidden page gets no animation frames, so the planned call of the listeners would not come. So the call is planned again
    // with `nextFrame`, which uses a timer while the page is hidden.
    if (change === 'hidden' && cancelNotify) {
      cancelNotify();
      cancelNotify = null;
      notifySoon();
    }
    if (change === 'shown') send({ type: 'woke' });
    else send({ type: change });
  };

  return {
    streamId,
    snapshot() {
      snapshot ??= {
        ...content.snapshot(),
        streamId,
        status: statusOf(machine.ending, { anythingRead, isQueued: content.snapshot().place !== null }),
        error,
        connection: connectionOf(machine),
      };
      return snapshot;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    follow() {
      if (machine.phase === 'ended') return;
      unwatch ??= environment.watch(onWindowChange);
      send({ type: 'follow', visible: environment.isVisible(), online: environment.isOnline() });
    },
    release() {
      unwatch?.();
      unwatch = null;
      send({ type: 'release' });
    },
    nudge: () => send({ type: environment.isVisible() ? 'woke' : 'timer' }),
  };
}

function statusOf(
  ending: Ending | null,
  { anythingRead, isQueued }: { anythingRead: boolean; isQueued: boolean },
): FollowedStream['status'] {
  if (ending) return ending.kind === 'gone' ? 'error' : ending.kind;
  if (isQueued) return 'queued';
  return anythingRead ? 'active' : 'connecting';
}
