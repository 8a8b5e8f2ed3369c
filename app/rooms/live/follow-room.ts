import { createParser } from 'eventsource-parser';
import type { Present } from '../../../shared/chat/rooms.ts';
import { backoffMs } from '~/hooks/backoff.ts';
import { browserEnvironment, type StreamEnvironment } from '~/hooks/stream-environment.ts';

export interface RoomListener {
  /** Something in the room has changed. Load the chat to see what. */
  onChange(): void;
  /** The people who look at the room now. */
  onHere(here: Present[]): void;
  /** The server refused the feed with 403 or 404. The feed is requested again after a pause, until `close`. */
  onRefused(): void;
  /** The connection has ended, so nobody counts as typing until the next `onHere`. */
  onEnd(): void;
}

export interface FollowedRoom {
  typed(): void;
  /** The person has sent or removed what was typed. */
  stoppedTyping(): void;
  close(): void;
}

export interface FollowRoom {
  chatId: string;
  /** The version of the chat that the page shows. If the chat has changed since, `onChange` is called at once. */
  version: number;
  /** A random id of this page, because one person can open the room in several tabs. */
  tab: string;
  listener: RoomListener;
  environment?: StreamEnvironment;
}

/** After this time without a byte the connection counts as dead. The server sends an SSE comment more often than this. */
const SILENT_MS = 45_000;
const TYPING_EVERY_MS = 2_000;

/**
 * Follows the feed of a room (PROTOCOL.md 5.10) while the page is visible. A `change` event does not contain the change, so the
 * listener loads the chat again.
 */
export function followRoom({
  chatId,
  version,
  tab,
  listener,
  environment = browserEnvironment,
}: FollowRoom): FollowedRoom {
  const path = `/api/chats/${encodeURIComponent(chatId)}`;
  let lastEventId = String(version);
  let attempt = 0;
  let isClosed = false;
  let connection: AbortController | null = null;
  let callOffRetry: (() => void) | null = null;

  function open(): void {
    if (isClosed || connection || !environment.isVisible()) return;
    callOffRetry?.();
    callOffRetry = null;
    const opened = new AbortController();
    connection = opened;
    void read(opened).then((isRefused) => {
      if (connection !== opened) return;
      connection = null;
      if (isClosed) return;
      listener.onEnd();
      attempt += 1;
      // The listener loads the page again. Otherwise a person who was removed would go on seeing the chat.
      if (isRefused) listener.onRefused();
      callOffRetry = environment.later(open, backoffMs(attempt, environment.random()));
    });
  }

  function shut(): void {
    callOffRetry?.();
    callOffRetry = null;
    if (!connection) return;
    connection.abort();
    connection = null;
    if (!isClosed) listener.onEnd();
  }

  /** Reads until the connection ends. Resolves to true if the server refuses the feed with 403 or 404. */
  async function read(opened: AbortController): Promise<boolean> {
    const giveBack = await environment.takePlace();
    if (!giveBack) return false;
    const giveUp = () => opened.abort();
    let callOffSilence = environment.later(giveUp, SILENT_MS);
    const heard = () => {
      callOffSilence();
      callOffSilence = environment.later(giveUp, SILENT_MS);
    };
    try {
      if (opened.signal.aborted) return false;
      const response = await environment.fetch(`${path}/events?${new URLSearchParams({ tab })}`, {
        headers: { accept: 'text/event-stream', 'last-event-id': lastEventId },
        cache: 'no-store',
        signal: opened.signal,
      });
      if (response.status === 401) await environment.refreshSession();
      if (response.status === 403 || response.status === 404) return true;
      if (!response.ok || !response.body) return false;
      const parser = createParser({ onEvent: take });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done || opened.signal.aborted) return false;
        attempt = 0;
        heard();
        parser.feed(value);
      }
    } catch {
      return false; // the network failed, or `shut` was called
    } finally {
      callOffSilence();
      giveBack();
    }
  }

  function take({ event, id, data }: { event?: string | undefined; id?: string | undefined; data: string }): void {
    if (isClosed) return;
    if (id) lastEventId = id;
    if (event === 'change') listener.onChange();
    else if (event === 'here') listener.onHere(presentIn(data));
  }

  const stopWatching = environment.watch((change) => {
    if (change === 'hidden' || change === 'offline') return shut();
    attempt = 0;
    open();
  });
  open();

  /** Cancels the timer that ends the pause after a report of typing. `null`: there is no pause, so typing is reported. */
  let cancelPause: (() => void) | null = null;
  let isTyping = false;
  function tell(typing: boolean): void {
    isTyping = typing;
    // A lost report does not matter. While the person types, the page reports again, and the server forgets a report after 5 s.
    void environment
      .fetch(`${path}/presence`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ tab, typing }),
      })
      .catch(() => undefined);
  }

  return {
    typed() {
      if (isClosed || !connection || cancelPause) return;
      cancelPause = environment.later(() => (cancelPause = null), TYPING_EVERY_MS);
      tell(true);
    },
    stoppedTyping() {
      cancelPause?.();
      cancelPause = null;
      if (!isClosed && connection && isTyping) tell(false);
    },
    close() {
      isClosed = true;
      cancelPause?.();
      stopWatching();
      shut();
    },
  };
}

function presentIn(data: string): Present[] {
  try {
    const here: unknown = JSON.parse(data);
    return Array.isArray(here) ? (here as Present[]) : [];
  } catch {
    return []; // the data is broken
  }
}
