import { describe, expect, test } from 'vitest';
import { STREAM_ERRORS } from '../../../shared/stream/stream-errors.ts';
import { decideOutcome } from './failures/outcome.ts';
import { kindOfReason } from './failures/reasons.ts';
import { bytesOf, recordings, replay, type Replayed } from './testing/replay.ts';

const SUCCESSES = new Set(['complete', 'length', 'tools', 'tool-trouble']);

/** Checks that hold for every response, also if it was cut or damaged. */
function expectOutcome({ facts, failure, hasEnded, toolCalls }: Replayed, what: string): void {
  if (facts === null) throw new Error(`${what}: no outcome`);
  // A failed response has no successful end, and none of its tool calls reaches the SDK.
  expect(hasEnded, what).toBe(failure === null);
  if (failure !== null) {
    expect(Object.hasOwn(STREAM_ERRORS, failure.failure.code), what).toBe(true);
    expect(toolCalls, what).toBe(0);
    return;
  }
  expect(decideOutcome(facts, { hadWordsBefore: false }).isSuccess, what).toBe(true);
  const kind = kindOfReason(facts.reason);
  expect(SUCCESSES.has(kind) || (kind === 'none' && facts.end === 'done'), `${what}: ${facts.reason}`).toBe(true);
}

/** The size in bytes of the event that begins at `at`. A slow model's response arrives in pieces of one event each. */
function eventSize(bytes: Uint8Array, at: number): number {
  const rest = bytes.subarray(at);
  const end = Buffer.from(rest).indexOf('\n\n');
  return end === -1 ? rest.length : end + 2;
}

/** Numbers from 0 to 1, the same in every run. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** These tests take some seconds on an idle machine, and far longer on a busy one. */
const LONG = { timeout: 240_000 };

describe.each(recordings())('a recording of $server ($name)', ({ name, protocol, body, text }) => {
  const bytes = bytesOf(body);

  test('is read exactly, however it is divided into pieces', LONG, async () => {
    const random = createRandom(7);
    for (let round = 0; round < 30; round += 1) {
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length;) {
        const size = round === 0 ? 1 : round === 1 ? eventSize(bytes, at) : 1 + Math.floor(random() * (round * 20));
        pieces.push(bytes.subarray(at, at + size));
        at += size;
      }
      const replayed = await replay(protocol, pieces);
      expect(replayed).toMatchObject({
        text,
        failure: null,
        hasEnded: true,
        toolCalls: name.includes('tools') ? 1 : 0,
      });
    }
  });

  test(
    'that is cut at any byte has the outcome of PROTOCOL.md 17.2, and its words are a beginning of the whole answer',
    LONG,
    async () => {
      for (let cut = 0; cut < bytes.length; cut += 1) {
        const end = cut % 2 === 0 ? 'clean' : 'reset';
        const replayed = await replay(protocol, [bytes.subarray(0, cut)], end);
        const what = `${name}, ${end} at ${cut}`;
        expectOutcome(replayed, what);
        expect(text.startsWith(replayed.text), what).toBe(true);
        if (replayed.failure === null) expect(replayed.text, what).toBe(text);
      }
    },
  );

  test(
    'that is damaged at random has an outcome, and succeeds only with a reason to finish or an end mark',
    LONG,
    async () => {
      const random = createRandom(name.length * 1000 + 1);
      for (let round = 0; round < 1000; round += 1) {
        const spoiled = spoil(body, random);
        const replayed = await replay(protocol, [bytesOf(spoiled)], random() < 0.2 ? 'reset' : 'clean');
        expectOutcome(replayed, `${name}, round ${round}`);
      }
    },
  );
});

const RETYPED = [null, 0, 1, '', 'null', true, false, [], {}, [null], { a: 1 }, 'x', 1e9, -1];

/** Makes one or two random changes: drops, retypes or doubles a field; splits, doubles or drops a line; drops a character. */
function spoil(body: string, random: () => number): string {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  let spoiled = body;
  for (let change = 0; change <= Math.floor(random() * 2); change += 1) {
    const lines = spoiled.split('\n');
    const at = Math.floor(random() * lines.length);
    const line = lines[at]!;
    const place = Math.floor(random() * (line.length + 1));
    switch (Math.floor(random() * 6)) {
      case 0:
        lines[at] = line.slice(0, place) + line.slice(place + 1);
        break;
      case 1:
        lines.splice(at, 1, line.slice(0, place), line.slice(place));
        break;
      case 2:
        lines.splice(at, 1);
        break;
      case 3:
        lines.splice(at, 0, line, '');
        break;
      default:
        lines[at] = spoilField(line, pick, random);
    }
    spoiled = lines.join('\n');
  }
  return spoiled;
}

function spoilField(line: string, pick: <T>(items: readonly T[]) => T, random: () => number): string {
  const at = line.indexOf('{');
  if (at === -1) return line;
  let frame: unknown;
  try {
    frame = JSON.parse(line.slice(at));
  } catch {
    return line;
  }
  const places: { holder: Record<string, unknown>; key: string }[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      places.push({ holder: value as Record<string, unknown>, key });
      visit((value as Record<string, unknown>)[key]);
    }
  };
  visit(frame);
  if (places.length === 0) return line;
  const { holder, key } = pick(places);
  if (random() < 0.3) delete holder[key];
  else if (random() < 0.2) holder[key] = [holder[key], holder[key]];
  else holder[key] = pick(RETYPED);
  return line.slice(0, at) + JSON.stringify(frame);
}
