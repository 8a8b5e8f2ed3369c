import { useCallback, useEffect, useId, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { messageText } from '../../shared/chat/message-text.ts';
import type { Message } from '../../shared/chat/messages.ts';
import type { StartBody, Waiting } from '../../shared/stream/stream.ts';
import { createPendingStart, type PendingStart } from './pending-start.ts';
import { withBackend, type BackendOptions } from './stream-backend.ts';
import type { FollowedStream, StreamConnection } from './stream-connection.ts';
import type { Held } from './stream-content.ts';
import { browserEnvironment, type StreamEnvironment } from './stream-environment.ts';
import { StreamError } from './stream-error.ts';
import type { Connection } from './stream-machine.ts';
import { createStreamRegistry } from './stream-registry.ts';
import { calledOff, postStart, requestCancel } from './stream-requests.ts';
import { createStreamStorage, type StreamScope } from './stream-storage.ts';
import { useBrowserLayoutEffect } from './use-browser-layout-effect.ts';
import { useQueuedStarts, type QueuedStart } from './use-queued-starts.ts';

/** `queued`: the stream waits for the answers before it in its chat. It becomes `active` when it begins. */
export type ResumableStreamStatus = 'idle' | 'connecting' | 'queued' | 'active' | 'completed' | 'error' | 'cancelled';

/** What the server rendered of a stream: the message made from all frames up to and including `lastEventId`. */
export interface InitialStream {
  streamId: string;
  lastEventId: string | null;
  message: Message;
  status: ResumableStreamStatus;
}

export interface ResumableStreamOptions extends BackendOptions {
  /** The chat for which a stream is remembered across a reload. Default: an id from the path and this component's place on the page. */
  chatId?: string;
  /** The person for whom a stream is remembered, if several people use one browser. */
  userId?: string;
  /** What a start does if an answer is being written in its chat. A `whenBusy` in the request overrides this option. Default: `reject`. */
  whenBusy?: StartBody['whenBusy'];
  /**
   * The stream that the server rendered; `null` if the server knows that there is none. Default: the stream that this
   * component followed before the page was reloaded, if any.
   */
  initial?: InitialStream | null;
  /**
   * Called with the whole text, at most once per animation frame. `delta`: the new part of the text. If the message began again,
   * so that the earlier text is void, `delta` is the whole text.
   */
  onContent?: (content: string, change: { delta: string }) => void;
  /** Called once for each stream that completes, even if the page was reloaded before the end. */
  onComplete?: (result: { streamId: string; content: string; message: Message }) => void;
  /** Called if the stream failed, is gone, or could not be started or stopped. */
  onError?: (error: StreamError) => void;
}

/**
 * `place`: the place of the new stream in the queue of its chat; missing if the stream does not wait. The hook follows a waiting
 * stream when the answer before that stream is complete.
 */
export type StartResult = { started: true; streamId: string; place?: number } | { started: false; error: StreamError };

export interface ResumableStream {
  streamId: string | null;
  /** The text so far. */
  content: string;
  /** The answer as an AI SDK `UIMessage`, with reasoning, tools and data; `null` before there is a stream. */
  message: Message | null;
  /** The event id of the last frame in `message`, for example to begin a branch after this frame; `null` before the first frame. */
  lastEventId: string | null;
  status: ResumableStreamStatus;
  error: StreamError | null;
  /** The state of the connection, for display. */
  connection: Connection;
  /** Why no text comes at the moment, for display; `null` while text comes. */
  waiting: Waiting | null;
  /**
   * The streams that this component has started and that wait behind the followed stream. The hook follows each of these streams
   * when the answer before that stream is complete.
   * If the followed answer is stopped or fails, the server pauses the queue of the chat, and this list becomes empty.
   */
  queued: readonly QueuedStart[];
  /** Removes the streams for which `isMeant` is true from `queued`, so that the hook does not follow these streams. */
  dropQueued: (isMeant: (start: QueuedStart) => boolean) => void;
  /** The place of this stream in the queue while it waits: 1 comes next, 0 is about to begin. `null` once it has begun. */
  place: number | null;
  /** Never rejects. If the start fails, the previous stream is still followed. */
  startStream: (request: StartBody) => Promise<StartResult>;
  /** Follows a stream from its beginning. Default: the remembered stream. */
  resumeStream: (streamId?: string) => void;
  /** Stops the stream for everybody. What was written stays. Never rejects. */
  cancelStream: () => Promise<void>;
  /**
   * Calls off a start that was not sent yet because the browser is offline. If the start was sent but has no response yet, its
   * stream is cancelled after the response.
   */
  callOffStart: (messageId: string) => void;
}

/** The streams of this page, shared by all components on it. */
export const streams = createStreamRegistry(browserEnvironment);
const storage = createStreamStorage(() => localStorage);

const NO_CONNECTION: Connection = { state: 'none' };

/**
 * Follows an answer while it is written, across reloads, lost networks and other devices.
 *
 *     const { content, status, startStream } = useResumableStream({ onComplete: () => console.log('done') });
 *     await startStream({ chatId: 'chat-1', messageId: 'msg-2', modelId: 'demo', messages });
 *
 * Components that use the same stream share one connection. On a server the hook returns `initial` and does nothing else.
 *
 * This file is longer than others, because it documents every option and result of the hook.
 */
export function useResumableStream(options: ResumableStreamOptions = {}): ResumableStream {
  const { initial } = options;
  const scope = useScope(options);
  const [target, setTarget] = useState<Target | null>(() => (initial ? targetOf(initial) : null));
  const [connection, setConnection] = useState<StreamConnection | null>(null);
  const [starting, setStarting] = useState(false);
  const [failure, setFailure] = useState<StreamError | null>(null);
  /** The last stream that a start of this component has interrupted, and the stream that comes next. */
  const [interruption, setInterruption] = useState<{ interrupted: string; next: string } | null>(null);
  const latest = useLatest({ ...options, scope, target, connection });
  const environment = useMemo(() => withBackend(browserEnvironment, () => latest.current), [latest]);
  const delivered = useRef<Delivered>(nothingDelivered);
  const queuedStarts = useQueuedStarts();
  /** Starts that have no response yet. If a start is cancelled, `startStream` cancels the stream as soon as it knows the stream id. */
  const pendingStarts = useRef(new Set<PendingStart>());

  useEffect(() => {
    const { initial: rendered } = latest.current;
    const remembered = rendered === null ? recall(scope) : null;
    const next = rendered === undefined ? recall(scope) : rendered;
    setTarget((current) => (current?.streamId === next?.streamId ? current : next && targetOf(next)));
    if (remembered === null) return;
    if (!latest.current.onComplete) return storage.forget(scope);
    // The server rendered no stream, so the remembered stream ended while the page was reloaded. It is read once more, without
    // being shown, to call `onComplete`.
    return whenEnded({ ...targetOf(remembered), environment }, (snapshot) => {
      storage.forget(scope, remembered.streamId);
      const isTold = delivered.current.endedStreamId === remembered.streamId;
      delivered.current = { ...delivered.current, endedStreamId: remembered.streamId };
      const { status, streamId, content, message } = snapshot;
      if (status === 'completed' && !isTold) latest.current.onComplete?.({ streamId, content, message });
    });
  }, [scope, latest, environment]);

  // If another tab or device has started a stream in this chat, `initial` names that stream as soon as the server has rendered it.
  const initialId = initial?.streamId;
  useEffect(() => {
    const next = latest.current.initial;
    if (!next || delivered.current.endedStreamId === next.streamId) return;
    setTarget((current) => (current?.streamId === next.streamId ? current : targetOf(next)));
  }, [initialId, latest]);

  const followedId = target && isRunning(target.status) ? target.streamId : null;
  useBrowserLayoutEffect(() => {
    const { target: wanted, scope: wantedScope } = latest.current;
    if (!wanted || followedId === null) return setConnection(null);
    storage.remember(wantedScope, followedId);
    const { connection: acquired, release } = streams.acquire({ ...wanted, environment });
    const deliver = () => {
      const snapshot = acquired.snapshot();
      delivered.current = deliverTo(latest.current, snapshot, delivered.current);
      if (!isRunning(snapshot.status)) storage.forget(wantedScope, followedId);
    };
    const unsubscribe = acquired.subscribe(deliver);
    const callOff = browserEnvironment.nextFrame(deliver);
    setConnection(acquired);
    return () => {
      callOff();
      unsubscribe();
      // React may render the end and change to the next stream before the connection calls `deliver`.
      if (!isRunning(acquired.snapshot().status)) deliver();
      release();
    };
  }, [followedId, latest, environment]);

  const fail = useCallback(
    (thrown: unknown): StreamError => {
      const error = asStreamError(thrown);
      setFailure(error);
      latest.current.onError?.(error);
      return error;
    },
    [latest],
  );

  const cancel = useCallback(
    async (streamId: string) => {
      try {
        await requestCancel(streamId, environment);
        // A reader that is connected gets the end from the stream itself. Otherwise, the connection has to ask for the status.
        const state = latest.current.connection?.snapshot().connection.state;
        if (state !== 'live' && state !== 'catching-up') latest.current.connection?.nudge();
      } catch (thrown) {
        fail(thrown);
      }
    },
    [latest, fail, environment],
  );

  const startStream = useCallback(
    async (request: StartBody): Promise<StartResult> => {
      const pending = createPendingStart(request.messageId);
      pendingStarts.current.add(pending);
      setStarting(true);
      setFailure(null);
      try {
        const { whenBusy } = latest.current;
        const body = whenBusy === undefined ? request : { whenBusy, ...request };
        const { streamId, status: begun, place = 0 } = await postStart(body, environment, pending);
        // A person may have pressed Stop before this response came. If the request has `whenBusy: 'queue'`, Stop was meant for the
        // answer that was being written, and the new question stays queued.
        const waits = body.whenBusy === 'queue' || !pending.cancelled;
        if (begun === 'queued' && latest.current.target !== null && waits) {
          if (pending.withdrawn) {
            void cancel(streamId);
            throw calledOff();
          }
          if (body.whenBusy === 'interrupt')
            setInterruption({ interrupted: latest.current.target.streamId, next: streamId });
          queuedStarts.add({ streamId, messageId: request.messageId, place });
          return { started: true, streamId, place };
        }
        storage.remember(scope, streamId);
        setTarget(targetOf(emptyStream(streamId, request.messageId)));
        if (pending.cancelled) void cancel(streamId);
        return { started: true, streamId };
      } catch (thrown) {
        return { started: false, error: fail(thrown) };
      } finally {
        pendingStarts.current.delete(pending);
        setStarting(pendingStarts.current.size > 0);
      }
    },
    [scope, fail, cancel, environment, latest, queuedStarts],
  );

  const resumeStream = useCallback(
    (streamId?: string) => {
      const wanted = streamId === undefined ? recall(scope) : emptyStream(streamId);
      if (!wanted) return;
      setFailure(null);
      setTarget((current) => (current?.streamId === wanted.streamId ? current : targetOf(wanted)));
    },
    [scope],
  );

  const callOffStart = useCallback((messageId: string) => {
    for (const start of pendingStarts.current) if (start.messageId === messageId) start.withdraw();
  }, []);

  const cancelStream = useCallback(async () => {
    const pending = [...pendingStarts.current];
    for (const start of pending) start.cancel();
    const { target: current, connection: read } = latest.current;
    if (!current) return;
    // Of several overlapping starts, one may already be running while another has no id yet.
    const isRunningNow = isRunning(read?.snapshot().status ?? current.status);
    if (pending.length === 0 || isRunningNow) await cancel(current.streamId);
  }, [latest, cancel]);

  const followed = useFollowed(connection?.streamId === target?.streamId ? connection : null);
  const status = followed?.status ?? target?.status ?? 'idle';
  const { first } = queuedStarts;
  // An answer that was interrupted may end in any way, and the turn that interrupted it follows (PROTOCOL.md 5.8).
  const isInterrupted = target?.streamId === interruption?.interrupted && first?.streamId === interruption?.next;
  const hasFailed = status === 'cancelled' || status === 'error';
  const next = status === 'completed' || (hasFailed && isInterrupted) ? first : null;
  useEffect(() => {
    if (next !== null) setTarget(targetOf(emptyStream(next.streamId, next.messageId)));
  }, [next]);
  const { drop: dropQueued } = queuedStarts;
  // When an answer was stopped or has failed, the server pauses the queue until a person resumes it (PROTOCOL.md 5.8). Another answer
  // may be started and completed in the meantime. After that answer, the hook must not follow a queued turn.
  const holdsQueue = hasFailed && !isInterrupted;
  useEffect(() => {
    if (holdsQueue) dropQueued(() => true);
  }, [holdsQueue, dropQueued]);
  const targetId = target?.streamId ?? null;
  // `queued` lists only streams behind the followed stream. So the followed stream leaves the list, even if the caller chose that
  // stream with `resumeStream`.
  useEffect(() => dropQueued(({ streamId }) => streamId === targetId), [dropQueued, targetId]);
  return {
    streamId: target?.streamId ?? null,
    content: followed?.content ?? target?.content ?? '',
    message: followed?.message ?? target?.held.message ?? null,
    lastEventId: followed ? followed.lastEventId : (target?.held.lastEventId ?? null),
    status: starting && status !== 'active' ? 'connecting' : status,
    error: failure ?? followed?.error ?? null,
    connection: followed?.connection ?? NO_CONNECTION,
    waiting: followed?.waiting ?? null,
    queued: queuedStarts.all,
    dropQueued,
    place: followed?.place ?? null,
    startStream,
    resumeStream,
    cancelStream,
    callOffStart,
  };
}

/** The stream that a component follows, and what the component shows before it is connected. */
interface Target {
  streamId: string;
  messageId: string;
  held: Held;
  content: string;
  status: ResumableStreamStatus;
}

const targetOf = ({ streamId, lastEventId, message, status }: InitialStream): Target => ({
  streamId,
  messageId: message.id,
  held: { lastEventId, message },
  content: messageText(message),
  status,
});

/** A stream without content. `messageId` is used until the stream's `start` chunk sets the id of the message. */
const emptyStream = (streamId: string, messageId = streamId): InitialStream => ({
  streamId,
  lastEventId: null,
  message: { id: messageId, role: 'assistant', parts: [] },
  status: 'connecting',
});

const recall = (scope: StreamScope): InitialStream | null => {
  const streamId = storage.recall(scope);
  return streamId === null ? null : emptyStream(streamId);
};

/** Follows a stream to its end without showing the stream. The returned function stops following. */
function whenEnded(
  stream: Target & { environment: StreamEnvironment },
  tell: (snapshot: FollowedStream) => void,
): () => void {
  const { connection, release } = streams.acquire(stream);
  const look = () => {
    const snapshot = connection.snapshot();
    if (isRunning(snapshot.status)) return;
    stop();
    tell(snapshot);
  };
  let isStopped = false;
  const unsubscribe = connection.subscribe(look);
  const callOff = browserEnvironment.nextFrame(look);
  function stop() {
    if (isStopped) return;
    isStopped = true;
    callOff();
    unsubscribe();
    release();
  }
  return stop;
}

const isRunning = (status: ResumableStreamStatus): boolean =>
  status === 'connecting' || status === 'queued' || status === 'active';

const asStreamError = (thrown: unknown): StreamError =>
  thrown instanceof StreamError ? thrown : new StreamError('internal', 'Something went wrong.', null, thrown);

/** What was already reported to one component's callbacks. */
interface Delivered {
  streamId: string | null;
  content: string;
  generation: number;
  endedStreamId: string | null;
}

const nothingDelivered: Delivered = { streamId: null, content: '', generation: 0, endedStreamId: null };

type Callbacks = Pick<ResumableStreamOptions, 'onContent' | 'onComplete' | 'onError'>;

function deliverTo(callbacks: Callbacks, snapshot: FollowedStream, before: Delivered): Delivered {
  const { streamId, content, generation, status } = snapshot;
  const told = before.streamId === streamId ? before : { ...nothingDelivered, endedStreamId: before.endedStreamId };
  const grew = told.generation === generation || told.content === '';
  if (content !== told.content || !grew) {
    callbacks.onContent?.(content, { delta: grew ? content.slice(told.content.length) : content });
  }
  const next: Delivered = { ...told, streamId, content, generation };
  if (isRunning(status) || told.endedStreamId === streamId) return next;
  if (status === 'completed') callbacks.onComplete?.({ streamId, content, message: snapshot.message });
  if (snapshot.error) callbacks.onError?.(snapshot.error);
  return { ...next, endedStreamId: streamId };
}

function useFollowed(connection: StreamConnection | null): FollowedStream | null {
  const subscribe = useCallback(
    (listener: () => void) => connection?.subscribe(listener) ?? (() => undefined),
    [connection],
  );
  return useSyncExternalStore(
    subscribe,
    () => connection?.snapshot() ?? null,
    () => null,
  );
}

function useScope({ chatId, userId = 'anyone' }: ResumableStreamOptions): StreamScope {
  const place = useId();
  return useMemo(
    () => ({ userId, chatId: chatId ?? `${typeof location === 'undefined' ? '' : location.pathname}${place}` }),
    [chatId, userId, place],
  );
}

/** A ref to the newest value, for callbacks that must stay the same functions when the value changes. */
function useLatest<T>(value: T): { readonly current: T } {
  const ref = useRef(value);
  useBrowserLayoutEffect(() => {
    ref.current = value;
  });
  return ref;
}
