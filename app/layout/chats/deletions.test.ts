import { expect, test, vi } from 'vitest';
import { createDeletions } from './deletions.ts';

function deletions(results: ('deleted' | 'asked' | 'failed')[] = []) {
  const timers: (() => void)[] = [];
  const sent: string[] = [];
  const deleted = vi.fn();
  const store = createDeletions({
    send({ chatId }) {
      sent.push(chatId);
      return Promise.resolve(results.shift() ?? 'deleted');
    },
    whenUndoEnds(task) {
      timers.push(task);
      return () => void timers.splice(timers.indexOf(task), 1);
    },
    deleted,
  });
  return { store, timers, sent, deleted };
}

test('a deleted chat is hidden at once, and the server deletes it when the time for an undo is over', async () => {
  const { store, timers, sent, deleted } = deletions();
  store.remove('a');
  expect(store.current()).toMatchObject({ gone: new Set(['a']), undoable: { chatId: 'a' } });
  expect(sent).toEqual([]);
  timers[0]!();
  await vi.waitFor(() => expect(deleted).toHaveBeenCalledWith('a'));
  expect(sent).toEqual(['a']);
  expect(store.current()).toMatchObject({ gone: new Set(['a']), undoable: null });
});

test('undo brings the chat back and nothing is deleted', () => {
  const { store, timers, sent } = deletions();
  store.remove('a');
  store.undo();
  expect(store.current()).toMatchObject({ gone: new Set(), undoable: null });
  expect(timers).toEqual([]);
  expect(sent).toEqual([]);
});

test('a second deletion makes the first one final', async () => {
  const { store, sent } = deletions();
  store.remove('a');
  store.remove('b');
  expect(sent).toEqual(['a']);
  expect(store.current()).toMatchObject({ gone: new Set(['a', 'b']), undoable: { chatId: 'b' } });
  store.undo();
  expect(store.current().gone).toEqual(new Set(['a']));
});

test('leaving the page makes a deletion final', () => {
  const { store, timers, sent } = deletions();
  store.remove('a');
  store.flush();
  expect(sent).toEqual(['a']);
  expect(timers).toEqual([]);
});

test.each(['failed', 'asked'] as const)(
  'if a deletion ends as `%s`, the chat is shown again, and `failure` is the reason',
  async (failure) => {
    const { store } = deletions([failure]);
    store.remove('a');
    store.flush();
    await vi.waitFor(() => expect(store.current().failure).toBe(failure));
    expect(store.current().gone).toEqual(new Set());
  },
);
