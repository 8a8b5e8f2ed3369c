// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest';
import { Drafts, draftAt } from './drafts.ts';

const KEY = 'rejoin:edits:u:c1';
const drafts = () => new Drafts(draftAt(KEY, 100));
beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});

test('drafts outlive the page, and `localStorage` is empty when the last draft has been removed', () => {
  drafts().set('m1', 'one').set('m2', 'two');
  const reloaded = drafts();
  expect([...reloaded]).toEqual([
    ['m1', 'one'],
    ['m2', 'two'],
  ]);
  reloaded.delete('m1');
  expect([...drafts().keys()]).toEqual(['m2']);
  reloaded.clear();
  expect(localStorage).toHaveLength(0);
});

test('each tab keeps its own text, and a new tab begins with the text that was typed last', () => {
  const draft = draftAt(KEY, 100);
  draft.keep('of this tab');
  localStorage.setItem(KEY, 'of another tab');
  expect(draft.read()).toBe('of this tab');
  draft.keep('');
  expect(draft.read()).toBe('');
  sessionStorage.clear();
  expect(draft.read()).toBe('of another tab');
  draft.keep('');
  expect(draft.read()).toBe('');
  expect(localStorage).toHaveLength(0);
});

test('a text that is too long for a request is not stored, and the last shorter text stays', () => {
  drafts().set('m1', 'short').set('m1', 'x'.repeat(101));
  expect(drafts().get('m1')).toBe('short');
});

test.each(['not JSON', '{"m1":"text"}', '["m1"]', '[["m1",1]]'])('the stored value %s is ignored', (stored) => {
  localStorage.setItem(KEY, stored);
  expect(drafts().size).toBe(0);
});
