import { describe, expect, test } from 'vitest';
import { formatEventId, parseEventId } from './event-id.ts';

describe('an event id', () => {
  test('consists of an epoch and a position, and parsing reverses formatting', () => {
    for (const id of [
      { epoch: '1ab', position: 1 },
      { epoch: '2k7f3', position: 1840 },
      { epoch: '999999999zz', position: 999_999_999_999_999 },
      { epoch: '1a0123456789abcde', position: 42 },
    ]) {
      expect(parseEventId(formatEventId(id))).toEqual(id);
    }
    expect(formatEventId({ epoch: '2k7f3', position: 1840 })).toBe('2k7f3-1840');
  });

  test.each([
    '',
    '-',
    '1ab',
    '1ab-',
    '-5',
    'ab-5',
    '1-5',
    '1a-5',
    '1ab-0',
    '1ab-05',
    '1ab-5 ',
    ' 1ab-5',
    '1ab-5\n',
    '1ab-5-6',
    '1ab--5',
    '1ab-5.5',
    '1ab-1e3',
    '1AB-5',
    '1a_-5',
    '1ab-1234567890123456',
    '1234567890ab-5',
    '1abcdefghijklmnopqr-5',
    '１ab-5',
    '1ab-٥',
    'undefined',
  ])('cannot be %j', (text) => {
    expect(parseEventId(text)).toBeNull();
  });

  test('has a position that a JavaScript number represents exactly', () => {
    expect(parseEventId('1ab-999999999999999')!.position).toBeLessThan(Number.MAX_SAFE_INTEGER);
  });
});
