import { describe, expect, test } from 'vitest';
import type { StreamOutcome } from '../../shared/stream/stream.ts';
import {
  connectionOf,
  initialMachine,
  step,
  type StreamEffect,
  type StreamEvent,
  type StreamMachine,
} from './stream-machine.ts';

const run = (events: StreamEvent[], from: StreamMachine = initialMachine) => {
  let state = from;
  const effects: StreamEffect[] = [];
  for (const event of events) {
    const next = step(state, event);
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects, kinds: effects.map(({ type }) => type) };
};

const follow: StreamEvent = { type: 'follow', visible: true, online: true };
const reading: StreamEvent[] = [follow, { type: 'opened' }];
const live: StreamEvent[] = [...reading, { type: 'progress' }, { type: 'caughtUp' }];

describe('a machine that follows a stream', () => {
  test('opens, reads, ends', () => {
    const { state, effects } = run([...live, { type: 'finished', outcome: 'completed' }]);
    expect(state.ending).toEqual({ kind: 'completed' });
    expect(effects).toEqual([{ type: 'open' }, { type: 'close' }, { type: 'end', ending: { kind: 'completed' } }]);
    expect(connectionOf(state)).toEqual({ state: 'none' });
  });

  test('is first connecting, then catching up, then live', () => {
    expect(connectionOf(run([follow]).state)).toEqual({ state: 'connecting' });
    expect(connectionOf(run(reading).state)).toEqual({ state: 'catching-up' });
    expect(connectionOf(run(live).state)).toEqual({ state: 'live' });
  });

  test('opens one connection, even if it is told to follow twice', () => {
    expect(run([follow, follow]).kinds).toEqual(['open']);
  });
});

describe('a cut connection', () => {
  test('is reopened after a delay that grows with each failure', () => {
    const { effects, state } = run([
      ...live,
      { type: 'cut' },
      { type: 'timer' },
      { type: 'cut' },
      { type: 'timer' },
      { type: 'refused', httpStatus: 502 },
    ]);
    expect(effects.filter(({ type }) => type === 'wait')).toEqual([
      { type: 'wait', attempt: 1, atLeastMs: 0 },
      { type: 'wait', attempt: 2, atLeastMs: 0 },
      { type: 'wait', attempt: 3, atLeastMs: 0 },
    ]);
    expect(connectionOf(state)).toEqual({ state: 'reconnecting', attempt: 3 });
  });

  test('resets the delay after progress, but not after merely opening', () => {
    const again: StreamEvent[] = [...reading, { type: 'cut' }, { type: 'timer' }, { type: 'opened' }];
    expect(run(again).state.attempt).toBe(1);
    expect(run([...again, { type: 'progress' }]).state.attempt).toBe(0);
  });

  test('waits at least as long as the server says', () => {
    const { effects } = run([follow, { type: 'refused', httpStatus: 503, retryAfterMs: 2000 }]);
    expect(effects.at(-1)).toEqual({ type: 'wait', attempt: 1, atLeastMs: 2000 });
  });

  test('is reopened however often it fails', () => {
    const failures = Array.from({ length: 1000 }, (): StreamEvent[] => [{ type: 'cut' }, { type: 'timer' }]).flat();
    expect(run([follow, ...failures]).state).toMatchObject({ phase: 'opening', ending: null, attempt: 1000 });
  });
});

describe('a machine whose request is refused', () => {
  test.each([404, 410])('ends after a %i response, because the stream is gone', (httpStatus) => {
    const { state, effects } = run([follow, { type: 'refused', httpStatus }]);
    expect(state.phase).toBe('ended');
    expect(effects.at(-1)).toEqual({ type: 'end', ending: { kind: 'gone' } });
  });

  test('renews the session and retries without delay after one 401, and waits after a second one', () => {
    const { kinds, state } = run([
      follow,
      { type: 'refused', httpStatus: 401 },
      { type: 'refreshed' },
      { type: 'refused', httpStatus: 401 },
    ]);
    expect(kinds).toEqual(['open', 'refresh', 'open', 'close', 'wait']);
    expect(run([{ type: 'timer' }, { type: 'refused', httpStatus: 401 }], state).kinds).toEqual(['open', 'refresh']);
  });

  test('asks for the status of the stream after a 204 response, and ends with that status', () => {
    const asked = run([follow, { type: 'refused', httpStatus: 204 }]);
    expect(asked.kinds).toEqual(['open', 'ask']);
    const { state } = run([{ type: 'answered', status: 'cancelled', atEnd: false }], asked.state);
    expect(state.ending).toEqual({ kind: 'cancelled' });
  });

  test('waits if the response is 204 although the stream is active', () => {
    const events: StreamEvent[] = [
      follow,
      { type: 'refused', httpStatus: 204 },
      { type: 'answered', status: 'active', atEnd: true },
    ];
    expect(run(events).state.phase).toBe('waiting');
  });

  test('reads from the beginning if its event id is not accepted', () => {
    const { effects } = run([follow, { type: 'refused', httpStatus: 400, invalidEventId: true }]);
    expect(effects).toContainEqual({ type: 'reset', because: 'invalidEventId' });
  });
});

describe('a log that fails its check', () => {
  test('is read again from its beginning, after a delay', () => {
    const { kinds } = run([...live, { type: 'mismatch' }]);
    expect(kinds.slice(-3)).toEqual(['close', 'reset', 'wait']);
  });

  test('is read again after a delay that grows each time, even after progress', () => {
    const round: StreamEvent[] = [{ type: 'opened' }, { type: 'progress' }, { type: 'mismatch' }, { type: 'timer' }];
    const { effects } = run([follow, ...round, ...round, ...round]);
    expect(effects.flatMap((effect) => (effect.type === 'wait' ? [effect.attempt] : []))).toEqual([1, 2, 3]);
  });
});

describe('a machine whose page is hidden or offline, or that is released', () => {
  test('has no connection while hidden, and polls now and then', () => {
    const { state, kinds } = run([...live, { type: 'hidden' }, { type: 'timer' }]);
    expect(kinds.slice(-3)).toEqual(['close', 'waitHidden', 'ask']);
    const later = run([{ type: 'answered', status: 'active', atEnd: false }], state);
    expect(later.state.phase).toBe('paused');
    expect(later.kinds).toEqual(['waitHidden']);
  });

  test('reads an ended answer to its end even while hidden', () => {
    const hidden: StreamEvent[] = [...live, { type: 'hidden' }, { type: 'timer' }];
    const { state, kinds } = run([
      ...hidden,
      { type: 'answered', status: 'completed', atEnd: false },
      { type: 'opened' },
      { type: 'progress' },
      { type: 'finished', outcome: 'completed' },
    ]);
    expect(kinds).toContain('end');
    expect(connectionOf(state)).toEqual({ state: 'finished-away' });
  });

  test('says that an answer has finished only if it is complete', () => {
    const cut: StreamEvent[] = [...live, { type: 'cut' }, { type: 'timer' }, { type: 'opened' }];
    const stateAfter = (outcome: StreamOutcome) =>
      connectionOf(run([...cut, { type: 'finished', outcome }]).state).state;
    expect(stateAfter('completed')).toBe('finished-away');
    expect(stateAfter('error')).toBe('none');
    expect(stateAfter('cancelled')).toBe('none');
  });

  test('asks for the status first when the page is shown again', () => {
    const { state, kinds } = run([...live, { type: 'hidden' }, { type: 'woke' }]);
    expect(kinds.at(-1)).toBe('ask');
    expect(run([{ type: 'answered', status: 'active', atEnd: true }], state).kinds).toEqual(['open']);
    expect(run([{ type: 'answered', status: 'completed', atEnd: true }], state).kinds).toEqual(['close', 'end']);
    expect(run([{ type: 'answered', status: 'completed', atEnd: false }], state).kinds).toEqual(['open']);
  });

  test('asks for the status only once if several events wake it at the same time', () => {
    const { kinds } = run([...reading, { type: 'cut' }, { type: 'online' }, { type: 'woke' }, { type: 'woke' }]);
    expect(kinds.filter((kind) => kind === 'ask')).toHaveLength(1);
  });

  test('shows "offline" until text arrives, and goes on trying meanwhile', () => {
    const { state } = run([...live, { type: 'offline' }]);
    expect(connectionOf(state)).toEqual({ state: 'offline' });
    expect(connectionOf(run([{ type: 'progress' }], state).state)).toEqual({ state: 'live' });
    expect(run([{ type: 'cut' }, { type: 'timer' }], state).state).toMatchObject({ phase: 'opening', online: false });
  });

  test('has no connection if the page is hidden from the start', () => {
    expect(run([{ type: 'follow', visible: false, online: true }]).kinds).toEqual(['waitHidden']);
  });

  test('closes its connection when it is released, and can follow again', () => {
    expect(run([...live, { type: 'release' }]).kinds.at(-1)).toBe('close');
    expect(run([...live, { type: 'release' }, follow]).kinds.at(-1)).toBe('open');
  });
});

describe('the machine in every state that it can reach', () => {
  const events: StreamEvent[] = [
    follow,
    { type: 'follow', visible: false, online: false },
    { type: 'release' },
    { type: 'opened' },
    { type: 'opened', takingTurns: true },
    { type: 'progress' },
    { type: 'caughtUp' },
    ...(['completed', 'error', 'cancelled'] as const).map((outcome): StreamEvent => ({ type: 'finished', outcome })),
    { type: 'cut' },
    { type: 'mismatch' },
    ...[204, 401, 404, 410, 429, 500, 503].map((httpStatus): StreamEvent => ({ type: 'refused', httpStatus })),
    { type: 'refused', httpStatus: 400, invalidEventId: true },
    { type: 'timer' },
    { type: 'woke' },
    { type: 'hidden' },
    { type: 'offline' },
    { type: 'online' },
    ...(['active', 'completed', 'error', 'cancelled'] as const).flatMap((status): StreamEvent[] => [
      { type: 'answered', status, atEnd: true },
      { type: 'answered', status, atEnd: false },
    ]),
    { type: 'refreshed' },
  ];
  /** Every reachable state (with capped counters), and each step from such a state, with its effects. */
  const reachable = (() => {
    const cap = (state: StreamMachine): StreamMachine => ({
      ...state,
      attempt: Math.min(state.attempt, 2),
      mismatches: Math.min(state.mismatches, 2),
    });
    const seen = new Map([[JSON.stringify(initialMachine), initialMachine]]);
    const steps: { before: StreamMachine; event: StreamEvent; after: StreamMachine; effects: StreamEffect[] }[] = [];
    for (const before of seen.values()) {
      for (const event of events) {
        const { state, effects } = step(before, event);
        steps.push({ before, event, after: state, effects });
        seen.set(JSON.stringify(cap(state)), seen.get(JSON.stringify(cap(state))) ?? cap(state));
      }
    }
    return { states: [...seen.values()], steps };
  })();
  const WORK: StreamEffect['type'][] = ['open', 'ask', 'wait', 'waitHidden', 'refresh'];

  test('is tried in all phases', () => {
    expect(reachable.states.length).toBeGreaterThan(100);
    expect(new Set(reachable.states.map(({ phase }) => phase)).size).toBe(8);
  });

  test('never has two requests or timers at a time, and ends one before it starts another', () => {
    for (const { before, effects } of reachable.steps) {
      const begun = effects.filter(({ type }) => WORK.includes(type));
      expect(begun.length).toBeLessThanOrEqual(1);
      const running = before.phase === 'reading' || before.phase === 'waiting';
      // In these two phases, only a timer that has fired lets new work begin without `close`.
      if (begun.length === 1 && running && effects[0]?.type !== 'close') expect(before.phase).toBe('waiting');
    }
  });

  test('always has something under way, except when idle or ended', () => {
    for (const { before, after, effects } of reachable.steps) {
      if (after.phase === before.phase) continue;
      if (after.phase === 'idle' || after.phase === 'ended' || after.phase === 'reading') continue;
      expect(effects.some(({ type }) => WORK.includes(type))).toBe(true);
    }
  });

  test('reports the end exactly once, and nothing after it', () => {
    for (const { before, after, effects } of reachable.steps) {
      const ends = effects.filter(({ type }) => type === 'end').length;
      expect(ends).toBe(after.phase === 'ended' && before.phase !== 'ended' ? 1 : 0);
      if (before.phase === 'ended') expect({ after, effects }).toEqual({ after: before, effects: [] });
    }
  });

  test('is never connected while hidden, except to read an ended answer to its end', () => {
    for (const { before, event, after } of reachable.steps) {
      if (after.phase !== 'opening' || after.visible || before.phase === 'opening') continue;
      expect(['answered', 'refreshed']).toContain(event.type);
      if (event.type === 'answered') expect(event.status).not.toBe('active');
    }
  });

  test('can always be described to a person', () => {
    for (const state of reachable.states) expect(connectionOf(state).state).toBeTruthy();
  });
});
