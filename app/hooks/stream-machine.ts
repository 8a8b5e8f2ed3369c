import type { StreamOutcome, StreamStatus } from '../../shared/stream/stream.ts';

/**
 * A pure state machine that follows one stream. For each event, it returns the next state and the effects that
 * {@link file://./stream-connection.ts} must carry out. It uses no clock and no network, and does not see the text.
 *
 *     opening ──opened──▶ reading ──finished──▶ ended
 *        ▲                   │ cut, mismatch
 *        │ timer             ▼
 *        └──────────────  waiting
 *     woke: ──▶ asking ──answered──▶ opening   401: ──▶ refreshing ──▶ opening
 *     hidden: ──▶ paused (asks for the status now and then)
 */
export type Phase = 'idle' | 'opening' | 'reading' | 'waiting' | 'asking' | 'refreshing' | 'paused' | 'ended';

/** Why the stream is not followed any more: it has ended with this outcome, or it is gone. */
export type Ending = { kind: StreamOutcome } | { kind: 'gone' };

export interface StreamMachine {
  phase: Phase;
  ending: Ending | null;
  /** Number of failed tries in a row. A `progress` event sets this number to `mismatches`. */
  attempt: number;
  /** How often the log failed its check. Progress does not reset this number, so the delay before each new reading grows. */
  mismatches: number;
  /** The session was renewed just now, so another 401 is retried only after a delay. */
  refreshed: boolean;
  visible: boolean;
  online: boolean;
  /** Everything that was stored when the connection opened has been read. */
  caughtUp: boolean;
  /** The page was hidden or the connection was lost, and the reader has not caught up since. */
  away: boolean;
  /** The server answered a resume with 204: the log has nothing after the requested event id. */
  nothingMore: boolean;
  /** Too many tabs of this browser have a connection, so this tab reads new text only now and then. */
  takingTurns: boolean;
}

export type StreamEvent =
  | { type: 'follow'; visible: boolean; online: boolean }
  | { type: 'release' }
  /** `takingTurns`: close the connection once everything that is stored has been read. */
  | { type: 'opened'; takingTurns?: boolean }
  | { type: 'progress' }
  | { type: 'caughtUp' }
  | { type: 'finished'; outcome: StreamOutcome }
  /** The connection ended before the stream did: closed, reset, silent for too long, or never opened. */
  | { type: 'cut' }
  | { type: 'mismatch' }
  | { type: 'refused'; httpStatus: number; retryAfterMs?: number; invalidEventId?: boolean }
  | { type: 'timer' }
  /** The page was shown again or restored from the bfcache, or `StreamConnection.nudge` was called. */
  | { type: 'woke' }
  | { type: 'hidden' }
  | { type: 'offline' }
  | { type: 'online' }
  /** The stream's status. `atEnd`: all of its log was read. */
  | { type: 'answered'; status: StreamStatus; atEnd: boolean }
  | { type: 'refreshed' };

export type StreamEffect =
  | { type: 'open' }
  /** End the connection, the request or the timer, whichever is running. */
  | { type: 'close' }
  | { type: 'ask' }
  | { type: 'wait'; attempt: number; atLeastMs: number }
  /** Wait until the next poll of the status, because nobody is looking at the page. */
  | { type: 'waitHidden' }
  | { type: 'refresh' }
  /** Forget the event id: the next connection reads from the beginning, and its first frame replaces the text. */
  | { type: 'reset'; because: 'mismatch' | 'invalidEventId' }
  | { type: 'end'; ending: Ending };

export interface Step {
  state: StreamMachine;
  effects: StreamEffect[];
}

export const initialMachine: StreamMachine = {
  phase: 'idle',
  ending: null,
  attempt: 0,
  mismatches: 0,
  refreshed: false,
  visible: true,
  online: true,
  caughtUp: false,
  away: false,
  nothingMore: false,
  takingTurns: false,
};

export function step(state: StreamMachine, event: StreamEvent): Step {
  if (state.phase === 'ended') return stay(state);
  switch (event.type) {
    case 'follow': {
      if (state.phase !== 'idle') return stay(state);
      const known = { ...state, visible: event.visible, online: event.online };
      return event.visible ? open(known) : to({ ...known, phase: 'paused', away: true }, { type: 'waitHidden' });
    }
    case 'release':
      return state.phase === 'idle' ? stay(state) : to({ ...state, phase: 'idle', away: true }, { type: 'close' });
    case 'offline':
      // Browsers are often wrong about being offline. So the connection is neither closed nor given up.
      return stay({ ...state, online: false });
    case 'online':
      return wake({ ...state, online: true });
    case 'woke':
      return wake({ ...state, visible: true });
    case 'hidden':
      return hide(state);
    case 'opened':
      if (state.phase !== 'opening') return stay(state);
      return stay({
        ...state,
        phase: 'reading',
        caughtUp: false,
        nothingMore: false,
        takingTurns: event.takingTurns === true,
      });
    case 'progress':
      if (state.phase !== 'reading') return stay(state);
      if (state.online && !state.refreshed && state.attempt === state.mismatches) return stay(state);
      return stay({ ...state, online: true, refreshed: false, attempt: state.mismatches });
    case 'caughtUp':
      return state.phase === 'reading' ? caughtUp(state) : stay(state);
    case 'finished':
      return state.phase === 'reading' ? end(state, { kind: event.outcome }) : stay(state);
    case 'cut':
      return busy(state) ? retry(state) : stay(state);
    case 'mismatch':
      return state.phase === 'reading' ? startAnew(state, 'mismatch') : stay(state);
    case 'refused':
      return state.phase === 'opening' || state.phase === 'asking' ? refused(state, event) : stay(state);
    case 'timer':
      if (state.phase === 'waiting') return open({ ...state, refreshed: false });
      return state.phase === 'paused' ? ask(state) : stay(state);
    case 'answered':
      return state.phase === 'asking' ? answered(state, event) : stay(state);
    case 'refreshed':
      return state.phase === 'refreshing' ? open({ ...state, refreshed: true }) : stay(state);
    default:
      return event satisfies never;
  }
}

const stay = (state: StreamMachine): Step => ({ state, effects: [] });
const to = (state: StreamMachine, ...effects: StreamEffect[]): Step => ({ state, effects });

/** A request was sent, or its response is being read. */
const busy = ({ phase }: StreamMachine): boolean => phase === 'opening' || phase === 'reading' || phase === 'asking';

const open = (state: StreamMachine): Step => to({ ...state, phase: 'opening' }, { type: 'open' });
const ask = (state: StreamMachine): Step => to({ ...state, phase: 'asking' }, { type: 'ask' });
const end = (state: StreamMachine, ending: Ending): Step =>
  to({ ...state, phase: 'ended', ending }, { type: 'close' }, { type: 'end', ending });

const TURN_MS = 1000;

function caughtUp(state: StreamMachine): Step {
  const next: StreamMachine = { ...state, caughtUp: true, away: false };
  // A hidden page reads only a stream that has ended. The end of its log arrives soon, so the connection stays open until then.
  if (!state.takingTurns || !state.visible) return stay(next);
  return to({ ...next, phase: 'waiting' }, { type: 'close' }, { type: 'wait', attempt: 1, atLeastMs: TURN_MS });
}

function retry(state: StreamMachine, atLeastMs = 0): Step {
  if (!state.visible) return to({ ...state, phase: 'paused', away: true }, { type: 'close' }, { type: 'waitHidden' });
  const attempt = state.attempt + 1;
  const next: StreamMachine = { ...state, phase: 'waiting', attempt, away: true };
  return to(next, { type: 'close' }, { type: 'wait', attempt, atLeastMs });
}

function startAnew(state: StreamMachine, because: 'mismatch' | 'invalidEventId'): Step {
  const mismatches = state.mismatches + 1;
  const { state: next, effects } = retry({ ...state, mismatches, attempt: Math.max(state.attempt, mismatches - 1) });
  return to(next, ...effects.slice(0, 1), { type: 'reset', because }, ...effects.slice(1));
}

/**
 * Asks for the status if the page is visible. An open connection is closed first, because it may be dead. A request that is waiting
 * for its response is not repeated.
 */
function wake(state: StreamMachine): Step {
  switch (state.phase) {
    case 'waiting':
    case 'reading':
    case 'paused':
      if (!state.visible) return stay(state);
      return to({ ...state, phase: 'asking', away: true }, { type: 'close' }, { type: 'ask' });
    default:
      return stay(state);
  }
}

function hide(state: StreamMachine): Step {
  const hidden = { ...state, visible: false };
  if (state.phase === 'idle' || state.phase === 'paused') return stay(hidden);
  return to({ ...hidden, phase: 'paused', away: true }, { type: 'close' }, { type: 'waitHidden' });
}

function answered(state: StreamMachine, { status, atEnd }: { status: StreamStatus; atEnd: boolean }): Step {
  if (status === 'active' || status === 'queued') {
    if (!state.visible) return to({ ...state, phase: 'paused' }, { type: 'waitHidden' });
    return state.nothingMore ? retry({ ...state, nothingMore: false }) : open(state);
  }
  // An answer that has ended is read to its end even while the page is hidden, so that the page can announce the answer.
  return atEnd || state.nothingMore ? end(state, { kind: status }) : open(state);
}

function refused(
  state: StreamMachine,
  {
    httpStatus,
    retryAfterMs = 0,
    invalidEventId = false,
  }: { httpStatus: number; retryAfterMs?: number; invalidEventId?: boolean },
): Step {
  if (httpStatus === 404 || httpStatus === 410) return end(state, { kind: 'gone' });
  // The log has nothing after the event id, so the stream has probably ended. The status tells whether and how.
  if (httpStatus === 204) return ask({ ...state, nothingMore: true });
  if (httpStatus === 401 && !state.refreshed) return to({ ...state, phase: 'refreshing' }, { type: 'refresh' });
  if (invalidEventId) return startAnew(state, 'invalidEventId');
  return retry(state, retryAfterMs);
}

/** The state of the connection as it is shown to people. */
export type Connection =
  | { state: 'none' | 'connecting' | 'catching-up' | 'live' | 'offline' | 'paused' | 'finished-away' }
  | { state: 'reconnecting'; attempt: number };

export function connectionOf(machine: StreamMachine): Connection {
  switch (machine.phase) {
    case 'idle':
      return { state: 'none' };
    case 'ended':
      return { state: machine.away && machine.ending?.kind === 'completed' ? 'finished-away' : 'none' };
    case 'paused':
      return { state: 'paused' };
    case 'reading':
      if (!machine.online) return { state: 'offline' };
      return { state: machine.caughtUp || (machine.takingTurns && !machine.away) ? 'live' : 'catching-up' };
    case 'opening':
    case 'waiting':
    case 'asking':
    case 'refreshing':
      if (machine.takingTurns && machine.attempt === 0 && machine.online) return { state: 'live' };
      if (!machine.online) return { state: 'offline' };
      return machine.attempt > 0 ? { state: 'reconnecting', attempt: machine.attempt } : { state: 'connecting' };
    default:
      return machine.phase satisfies never;
  }
}
