import { expect, test } from 'vitest';
import type { KeptMessage } from '../kept-message.ts';
import { createLosses } from '../losses.ts';
import { checkQueue, type Snapshot, type TurnRecord } from './check-queue.ts';

const turn = (n: number, more: Partial<TurnRecord> = {}): TurnRecord => ({
  messageId: `a${n}`,
  questionId: `q${n}`,
  texts: [`Question ${n}`],
  fate: 'answered',
  waited: n > 0,
  ...more,
});

/** A chat in which these turns were answered, one after the other. */
function chatOf(...answered: number[]): KeptMessage[] {
  const messages = answered.flatMap((n) => [
    { id: `q${n}`, role: 'user', parts: [{ type: 'text', text: `Question ${n}` }] },
    { id: `a${n}`, role: 'assistant', parts: [{ type: 'text', text: 'Yes' }] },
  ]);
  return messages.map((message, at) => ({ ...message, parentId: messages[at - 1]?.id ?? null }));
}

const seen = (order: number[], moved: number[] = []): Snapshot => ({
  order: order.map((n) => `a${n}`),
  movedLater: new Set(moved.map((n) => `a${n}`)),
});

test('the checker of queues accepts turns that were answered in the order of the queue', () => {
  const turns = [turn(0), turn(1), turn(2, { fate: 'taken out' }), turn(3, { fate: 'either' }), turn(4)];
  const snapshots = [seen([1, 2, 3, 4], [4])];
  expect(checkQueue({ messages: chatOf(0, 4, 1, 3), turns, snapshots })).toEqual([]);
  expect(checkQueue({ messages: chatOf(0, 1, 4), turns, snapshots })).toEqual([]);
});

test('if Redis may have lost data, the checker of queues accepts the possible losses, and nothing else', () => {
  const turns = [turn(0), turn(1, { fate: 'either' }), turn(2, { fate: 'taken out' })];
  const check = (messages: KeptMessage[]) =>
    checkQueue({ messages, turns, snapshots: [seen([1, 0])], isSetBack: true });
  expect(check(chatOf(0))).toEqual([]);
  expect(check(chatOf(0, 1).slice(0, 3))).toEqual([]); // a question whose answer was lost
  expect(check(chatOf(0, 1).slice(1))).toEqual([]); // an answer whose question was lost; its turn did not wait
  expect(check([])).toEqual(['a0 was lost']);
  expect(check([...chatOf(0), chatOf(0)[1]!]).join()).toContain('a0 is there 2 times');
  expect(check(chatOf(0, 1).filter(({ id }) => id !== 'q1')).join()).toContain('its question 0 times');
  expect(check(chatOf(0, 2))).toEqual(['a2 was answered, although it was taken out']);
});

test('a loss covers everything that Redis acknowledged between the save and the moment when Redis works again', () => {
  const now = () => performance.now();
  const losses = createLosses();
  const before = now();
  losses.save();
  const [saved, worksAgain] = [now(), losses.lose('since the save')];
  expect([losses.mayContain(before - 2, before - 1), losses.mayContain(saved, now())]).toEqual([false, true]);
  worksAgain();
  const after = now() + 1;
  expect([losses.mayContain(saved, after), losses.mayContain(after, after + 1)]).toEqual([true, false]);
  losses.lose('all')();
  expect(losses.mayContain(before - 2, before - 1)).toBe(true);
});

test.each([
  ['an answer that is lost', chatOf(0), 'a1 was lost'],
  ['an answer that is there twice', [...chatOf(0, 1), chatOf(0, 1)[3]!], 'a1 is there 2 times'],
  ['an answer to a turn that was taken out', chatOf(0, 1, 2), 'a2 was answered, although it was taken out'],
  ['a question without its answer', [...chatOf(0, 1), chatOf(0, 1, 2)[4]!], 'its question 1 times'],
  ['answers in another order', chatOf(1, 0), 'a0, a1 waited in this order, and were answered as a1, a0'],
  ['an answer that nobody asked for', chatOf(0, 1, 9), 'a9 was never sent'],
  ['a question with another text', chatOf(0, 1).map((m) => (m.id === 'q1' ? { ...m, parts: [] } : m)), 'q1 says ""'],
  [
    'an answer that does not follow the message before it',
    chatOf(0, 1).map((m) => ({ ...m, parentId: null })),
    'a1 follows null',
  ],
])('the checker of queues notices %s', (_name, messages, problem) => {
  const turns = [turn(0), turn(1), turn(2, { fate: 'taken out' })];
  expect(checkQueue({ messages, turns, snapshots: [seen([0, 1])] }).join('\n')).toContain(problem);
});
