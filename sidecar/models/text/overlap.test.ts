import { describe, expect, test } from 'vitest';
import { createOverlapTrimmer } from './overlap.ts';

/** What a reader sees of `text` if the trimmer gets `text` in pieces of `size` characters. */
function trimmed(partial: string, text: string, size = 3): string {
  const trimmer = createOverlapTrimmer(partial);
  let shown = '';
  for (let at = 0; at < text.length; at += size) shown += trimmer.take(text.slice(at, at + size));
  return shown + trimmer.flush();
}

describe('an overlap', () => {
  test('with the last words is dropped', () => {
    expect(trimmed('The quick brown fox', 'brown fox jumps')).toBe(' jumps');
  });

  test('is dropped for any division into pieces, and at any length', () => {
    const answer = 'Wörter — 「続きから再開」 and 👩‍💻 end here, before they go on. ';
    for (let cut = 20; cut <= answer.length; cut += 1) {
      if (/[\udc00-\udfff]/.test(answer[cut] ?? '')) continue;
      const partial = answer.slice(0, cut);
      for (let repeated = 20; repeated <= cut; repeated += 1) {
        for (const size of [1, 2, 7, 1000]) {
          expect(trimmed(partial, partial.slice(-repeated) + answer.slice(cut), size)).toBe(answer.slice(cut));
        }
      }
    }
  });

  test('with the whole answer is dropped, however long the answer is', () => {
    const partial = Array.from({ length: 5000 }, (_, index) => `line ${index}\n`).join('');
    expect(trimmed(partial, `${partial}and on`, 50)).toBe('and on');
  });

  test('is as long as possible if the answer repeats itself', () => {
    expect(trimmed('one banana, two banana, ', 'banana, two banana, three')).toBe('three');
  });

  test('in Japanese counts even if it has few characters', () => {
    expect(trimmed('答えは続きから再開', 'から再開します')).toBe('します');
  });

  test('with a very short answer counts only if the whole answer overlaps', () => {
    expect(trimmed('Hello', 'Hello! How are you?')).toBe('! How are you?');
    expect(trimmed('Hello', 'lovely')).toBe('lovely');
  });

  test('ends inside a character only if the partial answer ends inside that character', () => {
    expect(trimmed('le petit cafe', 'petit cafe\u0301 noir', 1)).toBe('\u0301 noir');
    expect(trimmed('see you later 👋', 'you later 👍', 1)).toBe('you later 👍');
  });
});

describe('text is kept', () => {
  test('when it continues exactly where the answer ended', () => {
    expect(trimmed('The quick brown fox', ' jumps over')).toBe(' jumps over');
  });

  test('when it shares only a few letters with the end', () => {
    expect(trimmed('we can cancel', 'led')).toBe('led');
    expect(trimmed('never, never', 'never mind')).toBe('never mind');
  });

  test('when the overlap is only a table rule or indentation', () => {
    expect(trimmed('| a | b |\n| ------------', '------------ | --- |')).toBe('------------ | --- |');
    expect(trimmed('if (x) {\n                ', '                return')).toBe('                return');
  });

  test('when it repeats something from the middle and then differs', () => {
    expect(trimmed('first the brown fox ran, then it slept', 'the brown fox sat')).toBe('the brown fox sat');
  });

  test('when it repeats words from the middle and then ends', () => {
    expect(trimmed('the brown fox jumps', 'brown fox')).toBe('brown fox');
  });

  test('when the partial answer is empty or has no letters', () => {
    expect(trimmed('', 'Hello')).toBe('Hello');
    expect(trimmed('---', '---')).toBe('---');
  });
});

describe('holding back', () => {
  test('stops at the first letter that does not belong to an overlap', () => {
    const trimmer = createOverlapTrimmer('The quick brown fox');
    expect(trimmer.take('brown f')).toBe('');
    expect(trimmer.take('i')).toBe('brown fi');
    expect(trimmer.take('brown fox')).toBe('brown fox');
  });

  test('stops at the end of an overlap that cannot become longer', () => {
    const trimmer = createOverlapTrimmer('The quick brown fox');
    expect(trimmer.take('brown fox')).toBe('');
    expect(trimmer.take(' jumps')).toBe(' jumps');
    expect(trimmer.flush()).toBe('');
  });

  test('affects at most as many characters as the partial answer has, even if all characters are the same', () => {
    const trimmer = createOverlapTrimmer('a'.repeat(100_000));
    let shown = '';
    for (let piece = 0; piece < 20_100; piece += 1) shown += trimmer.take('aaaaa');
    expect(shown.length).toBe(500);
  });
});
