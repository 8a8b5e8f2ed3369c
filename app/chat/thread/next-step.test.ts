import { expect, test } from 'vitest';
import { STREAM_ERRORS } from '../../../shared/stream/stream-error-codes.ts';
import { whatHelps } from './next-step.ts';

const failed = (errorCode?: string) => whatHelps({ status: 'error', errorCode }, { hasText: true, cutOff: false });

test('after a used-up quota only another model helps', () => {
  expect(failed('quota_used_up')).toEqual({
    continue: false,
    retry: false,
    otherModel: true,
    rephrase: false,
    newChat: false,
  });
});

test('an answer whose connection was lost can be continued or tried again', () => {
  expect(failed('connection_lost')).toMatchObject({ continue: true, retry: true, otherModel: false });
});

test('an empty answer cannot be continued', () => {
  const nothing = { hasText: false, cutOff: false };
  expect(whatHelps({ status: 'error', errorCode: 'stalled' }, nothing)).toMatchObject({ continue: false, retry: true });
  expect(whatHelps({ status: 'cancelled' }, nothing).continue).toBe(false);
});

test('nothing helps after the answer was deleted', () => {
  expect(Object.values(failed('gone'))).not.toContain(true);
});

test('a conversation that is too long leads to a new chat', () => {
  expect(failed('conversation_too_long')).toMatchObject({ continue: false, retry: false, newChat: true });
});

test('a refused question can be rephrased, or asked of another model, but not tried again unchanged', () => {
  expect(failed('content_refused')).toMatchObject({ retry: false, rephrase: true, otherModel: true });
});

test('at least one action is offered for every error code, and a retry for an unknown error code', () => {
  for (const code of [...Object.keys(STREAM_ERRORS), '__proto__', 'constructor', undefined])
    expect(Object.values(failed(code)).some(Boolean), String(code)).toBe(true);
  expect(failed('__proto__').retry).toBe(true);
});

test('a complete answer needs no action, and an answer that was cut off or stopped can be continued', () => {
  expect(Object.values(whatHelps({ status: 'completed' }, { hasText: true, cutOff: false }))).not.toContain(true);
  expect(whatHelps({ status: 'completed' }, { hasText: true, cutOff: true }).continue).toBe(true);
  expect(whatHelps({ status: 'cancelled' }, { hasText: true, cutOff: false }).continue).toBe(true);
});
