import { describe, expect, test } from 'vitest';
import { ID_PATTERN } from '../../../shared/ids.ts';
import { deriveStreamId } from './stream-id.ts';

const ABOUT = { secret: 'a secret of sixteen', userId: 'user_1', chatId: 'chat_1', messageId: 'm_1' };

describe('a stream’s id', () => {
  test('is the same for the same start, in every process and at any time', () => {
    expect(deriveStreamId(ABOUT)).toBe(deriveStreamId({ ...ABOUT }));
    expect(deriveStreamId(ABOUT)).toBe('zlxxkdsycfhonyvit75czlznad');
  });

  test('is different for another person, chat, message or secret', () => {
    const others = Object.keys(ABOUT).map((name) => deriveStreamId({ ...ABOUT, [name]: 'x' }));
    expect(new Set([deriveStreamId(ABOUT), ...others]).size).toBe(5);
  });

  test('is different if the same characters are split differently between person and chat', () => {
    const ids = [
      deriveStreamId({ ...ABOUT, userId: 'ab', chatId: 'c' }),
      deriveStreamId({ ...ABOUT, userId: 'a', chatId: 'bc' }),
      deriveStreamId({ ...ABOUT, userId: 'a","b', chatId: 'c' }),
    ];
    expect(new Set(ids).size).toBe(3);
  });

  test('fits into URLs and Redis keys, and each of its 26 characters can be any of 32', () => {
    const ids = Array.from({ length: 2000 }, (_, i) => deriveStreamId({ ...ABOUT, messageId: `m${i}` }));
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) {
      expect(id).toMatch(ID_PATTERN);
      expect(id).toMatch(/^[a-z2-7]{26}$/);
    }
    for (let place = 0; place < 26; place++) expect(new Set(ids.map((id) => id[place])).size).toBe(32);
  });
});
