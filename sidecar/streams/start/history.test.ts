import { describe, expect, test } from 'vitest';
import type { Message, StoredMessage } from '../../../shared/chat/messages.ts';
import { createMemoryChatStore } from '../../store/chats/memory-chat-store.ts';
import { openHistory } from './history.ts';

const NOW = '2026-11-22T10:00:00.000Z';
const place = { userId: 'ann', chatId: 'c1' };

const user = (id: string, text = `Question ${id}`): Message => ({ id, role: 'user', parts: [{ type: 'text', text }] });
const assistant = (id: string, text = `Answer ${id}`): Message => ({ ...user(id, text), role: 'assistant' });
const ids = (messages: readonly { id: string }[]) => messages.map(({ id }) => id);

/** `after` is the id of a message's parent. Without `after`, the parent is the previous message in the list. */
function stored(messages: readonly (Message & { after?: string })[]): StoredMessage[] {
  return messages.map(({ after, ...message }, i) => ({
    ...message,
    parentId: after ?? messages[i - 1]?.id ?? null,
    createdAt: NOW,
  }));
}

async function chatOf(messages: readonly (Message & { after?: string })[]) {
  const chats = createMemoryChatStore({ ttlMs: 60_000, maxBytes: 1 << 24 });
  await chats.point({
    ...place,
    seen: null,
    streamId: 's1',
    title: '',
    instructions: undefined,
    messages: stored(messages),
  });
  return chats;
}

const long = (id: string) => user(id, 'x'.repeat(1000));
const CONVERSATION = [long('q1'), assistant('a1', 'y'.repeat(1000)), long('q2'), assistant('a2'), long('q3')];

/**
 * Reads the history for a start (the question is not stored yet) and for a takeover (the question is stored), and expects the same
 * result.
 */
async function bothWays(contextTokens: number | undefined) {
  const before = await chatOf(CONVERSATION.slice(0, -1));
  const [question] = stored(CONVERSATION).slice(-1);
  const atStart = await openHistory({
    chats: before,
    ...place,
    after: 'a2',
    fresh: [question!],
    contextTokens,
  });
  const later = await openHistory({ chats: await chatOf(CONVERSATION), ...place, after: 'q3', contextTokens });
  expect(later.dropped).toBe(atStart.dropped);
  expect(await later.request('')).toEqual(await atStart.request(''));
  return { messages: (await later.request('')).messages, dropped: later.dropped };
}

describe('the history of an answer', () => {
  test('has all messages that lead to the question if they fit, at the start and after a takeover', async () => {
    expect(await bothWays(undefined)).toEqual({ messages: CONVERSATION, dropped: 0 });
    expect(await bothWays(100_000)).toEqual({ messages: CONVERSATION, dropped: 0 });
  });

  test('leaves out the oldest messages that do not fit, and says how many', async () => {
    const { messages, dropped } = await bothWays(1100);
    expect([ids(messages), dropped]).toEqual([['q2', 'a2', 'q3'], 2]);
  });

  test('begins with a person’s message', async () => {
    const { messages, dropped } = await bothWays(600);
    expect([ids(messages), dropped]).toEqual([['q3'], 4]);
  });

  test('always has the question, even if it is too long', async () => {
    expect(await bothWays(1)).toEqual({ messages: [CONVERSATION[4]], dropped: 4 });
  });

  test('leaves a part of the context free for the answer', async () => {
    for (let tokens = 100; tokens < 2000; tokens += 150) {
      const { messages } = await bothWays(tokens);
      const chars = messages.reduce((sum, { parts }) => sum + JSON.stringify(parts).length, 0);
      if (messages.length > 1) expect(chars).toBeLessThanOrEqual(tokens * 3 * 0.75);
    }
  });

  test('has only the messages on the path to the question', async () => {
    const chats = await chatOf([
      user('q1'),
      assistant('a1'),
      { ...assistant('a1b'), after: 'q1' },
      { ...user('q2'), after: 'a1' },
      { ...user('q2b'), after: 'a1b' },
    ]);
    const history = await openHistory({ chats, ...place, after: 'q2b', contextTokens: undefined });
    expect(ids((await history.request('')).messages)).toEqual(['q1', 'a1b', 'q2b']);
  });

  test('names the people who asked, in the same way at the start and after other messages were added', async () => {
    const by = (message: Message, userId: string, name: string) => ({ ...message, by: { userId, name } });
    const asked = [
      by(user('q1', 'First'), 'ann', 'Ann'),
      assistant('a1'),
      by(user('q2', 'Second'), 'bob', 'Bob]'),
      assistant('a2'),
      by(user('q3', 'Third'), 'ann', 'Ann'),
    ];
    const before = await chatOf(asked.slice(0, -1));
    const fresh = stored(asked).slice(-1);
    const atStart = await openHistory({ chats: before, ...place, after: 'a2', fresh, contextTokens: undefined });
    const prompt = await atStart.request('Be brief.');
    expect(prompt.messages.map(({ parts }) => parts[0]!.text)).toEqual([
      '[Person 1: Ann] First',
      'Answer a1',
      '[Person 2: Bob] Second',
      'Answer a2',
      '[Person 1: Ann] Third',
    ]);
    // Meanwhile `q3` was answered, and Bob has asked again under another name.
    const later = await chatOf([
      ...asked,
      { ...assistant('a3'), after: 'q3' },
      { ...by(user('q4', 'Fourth'), 'bob', 'Robert'), after: 'a3' },
    ]);
    const again = await openHistory({ chats: later, ...place, after: 'q3', contextTokens: undefined });
    expect(await again.request('Be brief.')).toEqual(prompt);
  });

  test('is read completely, even if it has many pages', async () => {
    const many = Array.from({ length: 900 }, (_, i) => (i % 2 ? assistant : user)(`m${i}`, `${i} `.repeat(300)));
    const chats = await chatOf(many);
    const history = await openHistory({ chats, ...place, after: 'm899', contextTokens: undefined });
    expect((await history.request('')).messages).toEqual(many);
  });

  test('has the messages of the request that fit, if the chat is new', async () => {
    const chats = createMemoryChatStore({ ttlMs: 60_000, maxBytes: 1 << 20 });
    const fresh = stored(CONVERSATION);
    const history = await openHistory({ chats, ...place, after: null, fresh, contextTokens: 1100 });
    expect([ids((await history.request('')).messages), history.dropped]).toEqual([['q2', 'a2', 'q3'], 2]);
  });
});
