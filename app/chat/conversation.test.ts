import { expect, test } from 'vitest';
import type { StoredMessage } from '../../shared/chat/messages.ts';
import { failedError, goneError, StreamError } from '~/hooks/stream-error.ts';
import { de } from '~/words/de.ts';
import { en } from '~/words/en.ts';
import { isNotice, reasonOf, visibleBranch } from './conversation.ts';

const message = (id: string, parentId: string | null): StoredMessage => ({
  id,
  parentId,
  role: id.startsWith('q') ? 'user' : 'assistant',
  parts: [],
  createdAt: '2026-01-01T00:00:00Z',
});
const conversation = [
  message('q1', null),
  message('a1', 'q1'),
  message('q2', 'a1'),
  message('a2', 'q2'),
  message('a1b', 'q1'),
  message('q3', 'a1b'),
  message('a3', 'q3'),
  message('a3b', 'q3'),
];
const ids = (leafId: string | null, messages = conversation) =>
  visibleBranch(messages, leafId).map(({ message: { id } }) => id);

test('shows the branch of the newest message if no message or an unknown one is chosen', () => {
  expect(ids(null)).toEqual(['q1', 'a1b', 'q3', 'a3b']);
  expect(ids('unknown')).toEqual(['q1', 'a1b', 'q3', 'a3b']);
  expect(ids(null, [])).toEqual([]);
});

test('shows the branch of a version, down to its newest message', () => {
  expect(ids('a1')).toEqual(['q1', 'a1', 'q2', 'a2']);
  expect(ids('a3')).toEqual(['q1', 'a1b', 'q3', 'a3']);
});

test('follows the version that was continued, even if a newer version exists', () => {
  const wentOn = [...conversation, message('q4', 'a3'), message('a4', 'q4'), message('q1b', null)];
  expect(ids('q1', wentOn)).toEqual(['q1', 'a1b', 'q3', 'a3', 'q4', 'a4']);
});

test('lists the versions of each message', () => {
  const versions = visibleBranch(conversation, null).map((turn) => turn.versions);
  expect(versions).toEqual([['q1'], ['a1', 'a1b'], ['q3'], ['a3', 'a3b']]);
});

test('lists the edits of the first question as its versions', () => {
  const edited = [...conversation, message('q1b', null), message('a4', 'q1b')];
  expect(visibleBranch(edited, null)[0]).toMatchObject({ message: { id: 'q1b' }, versions: ['q1', 'q1b'] });
});

test('the search for a branch ends even if messages are their own ancestors', () => {
  expect(ids('x', [message('x', 'y'), message('y', 'x')])).toEqual(['y', 'x']);
});

test('the reason why an answer failed is in the language of the page, also if the answer is gone', () => {
  expect(reasonOf(goneError(), de)).toEqual({ code: 'gone', text: de.errors.gone });
  expect(reasonOf(goneError(), en)).toEqual({ code: 'gone', text: goneError().message });
  expect(reasonOf(new StreamError('network_error', ''), de)!.text).toBe(de.errors.network_error);
  // The caller shows its own sentence for this code instead of the text.
  expect(reasonOf(failedError('It stalled.', 'stalled'), de)).toEqual({ code: 'stalled', text: 'It stalled.' });
  expect(reasonOf(null, en)).toBeNull();
});

test('an error that is shown below the answer is not shown above the composer, too', () => {
  expect(isNotice(goneError())).toBe(false);
  expect(isNotice(failedError('It stalled.', 'stalled'))).toBe(false);
  expect(isNotice(new StreamError('not_found', ''))).toBe(true);
});
