import { describe, expect, test } from 'vitest';
import { chatSchema, type Chat } from '../../shared/chat/chat.ts';
import { en } from '~/words/en.ts';
import { zh } from '~/words/zh.ts';
import { heardIn, queueSentences, sentencesAbout, type Scene } from './announcements.ts';

const QUIET: Scene = {
  leafId: null,
  writing: null,
  ending: null,
  role: null,
  heard: [],
  waits: [],
  isHeld: false,
  unsent: 0,
};
const between = (before: Partial<Scene>, after: Partial<Scene>, words = en) =>
  sentencesAbout({ ...QUIET, ...before }, { ...QUIET, ...after }, words);

const end = (how: 'complete' | 'stopped' | 'cut-off' | 'failed', count: number, text = '') => ({
  count,
  how,
  reason: text === '' ? null : { code: undefined, text },
});
const heard = (id: string, second: number) => ({ id, at: at(second), sentence: `Ana said: ${id}` });
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();

describe('an answer', () => {
  test('is announced when it begins, and once when it ends', () => {
    expect(between({}, { writing: 'a' })).toEqual([en.status.running]);
    expect(between({ writing: 'a' }, { writing: 'a' })).toEqual([]);
    expect(between({ writing: 'a' }, { ending: end('complete', 1) })).toEqual([en.status.complete]);
    expect(between({ ending: end('complete', 1) }, { ending: end('complete', 1) })).toEqual([]);
  });

  test('whose ending is not known yet is not announced with the ending of an earlier answer', () => {
    const before = end('stopped', 1);
    expect(between({ writing: 'b', ending: before }, { ending: before })).toEqual([]);
    expect(between({ ending: before }, { ending: end('complete', 2) })).toEqual([en.status.complete]);
  });

  test('is announced as ended before the next one is announced as begun', () => {
    const sentences = [en.status.complete, en.status.running];
    expect(between({ writing: 'a' }, { writing: 'b', ending: end('complete', 1) })).toEqual(sentences);
  });

  test('says how it ended', () => {
    expect(between({}, { ending: end('cut-off', 1) })).toEqual([en.status.cutOff]);
    expect(between({}, { ending: end('failed', 1, 'Busy.') })).toEqual(['The answer failed. Busy.']);
    expect(between({}, { ending: end('failed', 1) })).toEqual(['The answer failed.']);
  });
});

describe('the queue', () => {
  const own = (id: string, place: number) => ({ id, place });

  test('says at which place a new question waits, but not that it moves up or begins', () => {
    expect(between({}, { waits: [own('a', 1)] })).toEqual(['Your message waits. It is next.']);
    const two = [own('a', 1), own('b', 2)];
    expect(between({ waits: [own('a', 1)] }, { waits: two })).toEqual(['Your message waits, number 2.']);
    expect(between({ waits: two }, { waits: [own('b', 1)] })).toEqual([]);
  });

  test('says that it is held, after saying how the answer ended', () => {
    const after = { ending: end('stopped', 1), isHeld: true };
    expect(between({}, after)).toEqual([en.status.stopped, 'The waiting messages are held.']);
    expect(between({ isHeld: true }, {})).toEqual([]);
  });

  test('says that a question cannot be sent yet', () => {
    expect(between({}, { unsent: 1 })).toEqual([en.thread.queue.unsent]);
    expect(between({ unsent: 1 }, {})).toEqual([]);
  });

  test('confirms that the person has moved or removed a question, but no other change', () => {
    expect(queueSentences({ method: 'PATCH', messageId: 'a', body: { place: 2 } }, en)).toEqual(['Moved to place 2.']);
    expect(queueSentences({ method: 'DELETE', messageId: 'a' }, en)).toEqual(['Removed.']);
    expect(queueSentences({ method: 'POST', body: { action: 'discard' } }, en)).toEqual(['Removed.']);
    expect(queueSentences({ method: 'POST', body: { action: 'resume' } }, en)).toEqual([]);
    expect(queueSentences({ method: 'PATCH', messageId: 'a', body: { text: 'New.' } }, en)).toEqual([]);
  });
});

describe('a room', () => {
  test('says each new message once, and no older one that comes into view', () => {
    const one = heard('one', 2);
    expect(between({}, { heard: [one] })).toEqual(['Ana said: one']);
    expect(between({ heard: [one] }, { heard: [one] })).toEqual([]);
    expect(between({ heard: [one] }, { heard: [heard('older', 1), one, heard('two', 3)] })).toEqual(['Ana said: two']);
    // A question that waited gets a new time when its answer starts.
    expect(between({ heard: [one] }, { heard: [heard('one', 5)] })).toEqual([]);
  });

  test('says only the number if many messages have come at once', () => {
    const many = ['a', 'b', 'c', 'd'].map((id, second) => heard(id, second));
    expect(between({}, { heard: many })).toEqual(['New messages: 4.']);
  });

  test('says nothing about the messages of another version when the person changes to that version', () => {
    expect(between({}, { leafId: 'x', heard: [heard('one', 2)] })).toEqual([]);
  });

  test('says what the person may do from now on', () => {
    expect(between({ role: 'viewer' }, { role: 'editor' })).toEqual(['You can ask and write here now.']);
    expect(between({ role: 'editor' }, { role: 'viewer' })).toEqual(['You can only read here now.']);
    expect(between({}, { role: 'editor' })).toEqual([]);
    expect(between({}, { role: 'owner' })).toEqual([]);
  });
});

describe('what can be heard in a room', () => {
  const ana = { userId: 'ana', name: 'Ana' };
  const ben = { userId: 'ben', name: 'Ben' };
  const message = (id: string, by: typeof ana, parts = [{ type: 'text', text: `Text of ${id}` }]) => ({
    id,
    role: 'user',
    parts,
    parentId: null,
    createdAt: at(0),
    by,
  });
  const answer = { id: 'answer', role: 'assistant', parts: [], parentId: 'q1', createdAt: at(1) };
  const room = {
    roomId: 'a'.repeat(26),
    role: 'editor',
    name: 'Ben',
    userId: 'ben',
    people: 2,
    viewersMayBranch: false,
    v: 1,
  };
  const chatOf = (more: object): Chat =>
    chatSchema.parse({
      chatId: 'c',
      title: '',
      createdAt: at(0),
      updatedAt: at(0),
      instructions: '',
      messages: [],
      before: null,
      answers: [],
      messageCount: 0,
      stream: null,
      room,
      ...more,
    });
  const sentences = (more: object, words = en) => heardIn(chatOf(more), words).map(({ sentence }) => sentence);

  test('is what others ask the model, and what anybody says to the other people, but not what the person asks the model', () => {
    const messages = [message('q1', ana), answer, message('q2', ben), { ...answer, id: 'a2' }, message('s1', ben)];
    expect(sentences({ messages })).toEqual(['Ana asked: Text of q1', 'You said: Text of s1']);
    expect(sentences({ said: [message('s2', ana)] })).toEqual(['Ana said: Text of s2']);
  });

  test('includes the waiting questions of others', () => {
    const { id, role, parts } = message('q3', ana);
    const turn = { messageId: 'm3', streamId: 's', modelId: 'demo', place: 1, createdAt: at(2), by: ana };
    expect(sentences({ queue: { paused: false, turns: [{ ...turn, question: { id, role, parts } }] } })).toEqual([
      'Ana asked: Text of q3',
    ]);
  });

  test('is cut if it is long, and follows the language of the page', () => {
    const said = [message('s', ana, [{ type: 'text', text: '好'.repeat(400) }])];
    expect(sentences({ said }, zh)).toEqual([`Ana 发言：${'好'.repeat(300)}…`]);
  });

  test('is nothing in a chat without members', () => {
    expect(sentences({ room: null, said: [message('s', ana)] })).toEqual([]);
  });
});
