import { describe, expect, test } from 'vitest';
import { createRandom, randomText } from '../../../testing/random.ts';
import { sampleStream } from '../../../testing/sample-stream.ts';
import type { StatePatch } from '../../store/streams/stream-store.ts';
import { createStateCopy, requestIn, type StateNow, type StateRequest } from './state-copy.ts';
import { streamCopySchema } from '../../../testing/stream-copy.ts';

const { facts } = sampleStream();
const REQUEST: StateRequest = {
  messages: [{ id: 'q1', role: 'user', parts: [{ type: 'text', text: 'Tell me "everything" 🎉\n' }] }],
  instructions: 'Be brief.\u2028',
};

const at = (text: string, fields: Partial<StateNow> = {}): StateNow => ({
  status: 'active',
  epoch: '1abcd',
  position: 100 + text.length,
  text,
  now: '2026-11-22T10:00:00.000Z',
  ...fields,
});

/** A stored copy that applies patches like a store, and counts the bytes written. */
function createStored(first: Buffer) {
  let bytes = first;
  let written = first.length;
  return {
    get json() {
      return bytes.toString();
    },
    get length() {
      return bytes.length;
    },
    get written() {
      return written;
    },
    apply({ length, patches }: { length: number; patches: StatePatch[] }) {
      if (patches[0]!.offset !== 0) expect(bytes.length).toBe(length);
      for (const { offset, bytes: patch } of patches) {
        written += patch.length;
        if (offset === 0) bytes = patch;
        else bytes = Buffer.concat([bytes.subarray(0, offset), patch, bytes.subarray(offset + patch.length)]);
      }
    },
  };
}

function expectCopy(json: string, state: StateNow): void {
  // The copy does not contain the fingerprint.
  const { startTime, fingerprint: _, ...rest } = facts;
  expect(JSON.parse(json)).toEqual({
    ...rest,
    startTime,
    instructions: REQUEST.instructions,
    messages: REQUEST.messages,
    status: state.status,
    lastActivity: state.now,
    position: state.position,
    epoch: state.epoch,
    accumulatedContent: state.text,
  });
}

describe('the state copy', () => {
  test('is JSON with the facts about a stream and its progress', () => {
    const copy = createStateCopy({ facts, request: REQUEST });
    const json = copy.whole(at('Once upon')).toString();
    expectCopy(json, at('Once upon'));
    expect(streamCopySchema.parse(JSON.parse(json)).accumulatedContent).toBe('Once upon');
  });

  test('has the same content after patches as if it were written whole', () => {
    const copy = createStateCopy({ facts, request: REQUEST });
    const stored = createStored(copy.whole(at('')));
    const states = [
      at('Once'),
      at('Once', { position: 999_999_999_999_999 }),
      at('Once upon', { epoch: '999999999zz0123456', now: '2026-11-22T10:00:05.123Z' }),
      at('Once upon a time', { status: 'cancelled', position: 1 }),
      at('Once upon a time…', { status: 'completed' }),
    ];
    for (const state of states) {
      stored.apply(copy.patch(state));
      expectCopy(stored.json, state);
      expect(JSON.parse(stored.json)).toEqual(
        JSON.parse(createStateCopy({ facts, request: REQUEST }).whole(state).toString()),
      );
    }
  });

  test('stays correct if the text grows by any number of characters, even if a character is cut in two', () => {
    for (let seed = 1; seed <= 60; seed++) {
      const random = createRandom(seed);
      // Some texts contain a lone half of a surrogate pair, which JSON can express and UTF-8 cannot.
      const text =
        randomText(random, 150) + random.pick(['', '\ud83d', '\udf89x', '\ud83d\ud83d']) + randomText(random, 10);
      const copy = createStateCopy({ facts, request: REQUEST });
      const stored = createStored(copy.whole(at('')));
      for (let length = 0; length < text.length;) {
        length = Math.min(text.length, length + random.int(0, 9));
        const state = at(text.slice(0, length));
        stored.apply(copy.patch(state));
        expectCopy(stored.json, state);
      }
    }
  });

  test('is not rewritten as a whole: each patch contains only the new text and a few more bytes', () => {
    const request = {
      ...REQUEST,
      messages: [{ ...REQUEST.messages[0]!, parts: [{ type: 'text', text: 'x'.repeat(100_000) }] }],
    };
    const copy = createStateCopy({ facts, request });
    const stored = createStored(copy.whole(at('')));
    const PER_CHECKPOINT = 200;
    let text = '';
    let checkpoints = 0;
    for (let i = 0; i < 2000; i++) {
      text += 'Some more words. ';
      if (!copy.isDue(text.length, 0)) continue;
      stored.apply(copy.patch(at(text)));
      checkpoints += 1;
    }
    stored.apply(copy.patch(at(text, { status: 'completed' })));
    expect(checkpoints).toBeLessThan(30);
    expect(stored.written).toBeLessThanOrEqual(stored.length + (checkpoints + 1) * PER_CHECKPOINT);
  });

  test('is due if never written, if the text grew by 25 % and 512 characters, or if the copy is ten seconds old and the text grew', () => {
    const copy = createStateCopy({ facts, request: REQUEST });
    expect(copy.isDue(0, 0)).toBe(true);
    const startMs = Date.parse(at('').now);
    copy.whole(at('x'.repeat(10_000)));
    expect(copy.isDue(12_400, startMs + 9000)).toBe(false);
    expect(copy.isDue(12_500, startMs)).toBe(true);
    expect(copy.isDue(10_001, startMs + 10_000)).toBe(true);
    expect(copy.isDue(10_000, startMs + 60_000)).toBe(false);
    copy.whole(at('x'));
    expect(copy.isDue(400, startMs)).toBe(false);
    expect(copy.isDue(600, startMs)).toBe(true);
  });

  test('is replaced after a refused patch, and if the text begins anew', () => {
    const copy = createStateCopy({ facts, request: REQUEST });
    const stored = createStored(copy.whole(at('Once upon a time')));
    copy.patch(at('Once upon a time there'));
    copy.invalidate();
    expect(copy.isDue(0, 0)).toBe(true);
    stored.apply(copy.patch(at('Once upon a time there was')));
    expectCopy(stored.json, at('Once upon a time there was'));
    stored.apply(copy.patch(at('Anew')));
    expectCopy(stored.json, at('Anew'));
    expect(copy.isDue(3, 0)).toBe(true);
  });

  test('is replaced if the text does not continue the stored one, even if it is longer', () => {
    const copy = createStateCopy({ facts, request: REQUEST });
    const stored = createStored(copy.whole(at('Once upon a time')));
    for (const text of ['Begun anew, and longer by now', 'Begun anew twice, and longer by now']) {
      stored.apply(copy.patch(at(text)));
      expectCopy(stored.json, at(text));
    }
  });

  test('is patched by the next owner instead of being replaced', () => {
    const first = createStateCopy({ facts, request: REQUEST });
    const stored = createStored(first.whole(at('Half 🎉 of')));
    const request = requestIn(stored.json)!;
    expect(request).toEqual(REQUEST);
    const second = createStateCopy({ facts, request, existing: stored.json, text: 'Half 🎉 of it' });
    const patch = second.patch(at('Half 🎉 of it', { epoch: '2efgh' }));
    expect(patch.patches.every(({ offset }) => offset > 0)).toBe(true);
    stored.apply(patch);
    expectCopy(stored.json, at('Half 🎉 of it', { epoch: '2efgh' }));
  });

  test('is replaced by the next owner if it has another layout', () => {
    for (const existing of ['{"messages":[]}', '{}', `{"userId":"someone","accumulatedContent":"x"}`]) {
      const copy = createStateCopy({ facts, request: REQUEST, existing });
      const stored = createStored(Buffer.from(existing));
      stored.apply(copy.patch(at('Anew')));
      expectCopy(stored.json, at('Anew'));
    }
  });

  test('gives no request if the copy was lost or cut', () => {
    const json = createStateCopy({ facts, request: REQUEST }).whole(at('Once')).toString();
    expect(requestIn(null)).toBeNull();
    expect(requestIn(json.slice(0, -5))).toBeNull();
    expect(requestIn('{}')).toBeNull();
    expect(requestIn('null')).toBeNull();
  });
});
