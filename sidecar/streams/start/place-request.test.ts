import { describe, expect, test } from 'vitest';
import { RejoinError } from '../../../shared/errors.ts';
import type { Message } from '../../../shared/chat/messages.ts';
import { startRequestSchema, type StartRequest } from '../../../shared/stream/stream.ts';
import type { ChatOutline } from '../../store/chats/chat-store.ts';
import { assertWrittenHere, idsIn, placeRequest, placeTurn, titleFrom } from './place-request.ts';

const NOW = '2026-11-22T10:00:00.000Z';

const textPart = (text: string) => ({ type: 'text', text });
const user = (id: string, text = `Question ${id}`): Message => ({ id, role: 'user', parts: [textPart(text)] });
const assistant = (id: string, text = `Answer ${id}`): Message => ({ id, role: 'assistant', parts: [textPart(text)] });

/** A conversation: each message with the id of its parent. */
function chatOf(...messages: [message: Message, parentId: string | null][]): ChatOutline {
  const places = messages.map(
    ([{ id, role, parts }, parentId], i) =>
      [id, { role, parentId, depth: i + 1, chars: JSON.stringify(parts).length }] as const,
  );
  return {
    head: {
      chatId: 'c1',
      title: '',
      createdAt: NOW,
      updatedAt: NOW,
      instructions: '',
      stream: null,
      streamAt: null,
      last: null,
      readAt: null,
      newest: messages.at(-1)?.[0].id ?? null,
      count: messages.length,
      bytes: 0,
      address: null,
      pinnedAt: null,
      archivedAt: null,
      temporary: false,
      fork: null,
      roomId: null,
      v: 0,
      people: 1,
      ownerName: null,
      viewersFork: false,
    },
    places: new Map(places),
  };
}

const CHAT = chatOf([user('q1'), null], [assistant('a1'), 'q1'], [user('q2'), 'a1'], [assistant('a2'), 'q2']);

const request = (fields: object): StartRequest =>
  startRequestSchema.parse({ chatId: 'c1', messageId: 'a9', modelId: 'demo', ...fields });

/** The chat as the store returns it: with only the requested places. */
function outlineFor(asked: StartRequest, chat: ChatOutline | null): ChatOutline | null {
  if (chat === null) return null;
  const wanted = idsIn(asked);
  return { ...chat, places: new Map([...chat.places].filter(([id]) => wanted.includes(id))) };
}

function place(fields: object, chat: ChatOutline | null = CHAT) {
  const asked = request(fields);
  return placeRequest({ request: asked, chat: outlineFor(asked, chat), now: NOW });
}
const ids = (messages: readonly { id: string }[]) => messages.map(({ id }) => id);

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RejoinError) return error.code;
    throw error;
  }
  return 'none';
}

describe('a request in a new conversation', () => {
  test('adds its messages, each after the one before', () => {
    const asked = place({ messages: [user('q1'), assistant('a1'), user('q2')] }, null);
    expect(asked.fresh).toEqual([
      { ...user('q1'), parentId: null, createdAt: NOW },
      { ...assistant('a1'), metadata: { sentByClient: true }, parentId: 'q1', createdAt: NOW },
      { ...user('q2'), parentId: 'a1', createdAt: NOW },
    ]);
    expect(asked).toMatchObject({ parentId: 'q2', after: null, title: 'Question q1' });
  });

  test('may send messages as plain text without ids; if the request is repeated, the messages get the same ids', () => {
    const messages = [
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Hi' },
      { role: 'user', content: 'Well?' },
    ];
    const [one, again] = [place({ messages }, null), place({ messages }, null)];
    expect(one).toEqual(again);
    expect(one.fresh.map(({ parts }) => parts)).toEqual([[textPart('Hello')], [textPart('Hi')], [textPart('Well?')]]);
    expect(new Set(ids(one.fresh)).size).toBe(3);
    expect(one.parentId).toBe(one.fresh.at(-1)!.id);
    const other = place({ messageId: 'a10', messages }, null);
    expect(other.parentId).not.toBe(one.parentId);
  });
});

describe('a request in a known conversation', () => {
  test('is answered from the stored messages, even if it sends others', () => {
    const asked = place({ messages: [user('q1', 'I never said that'), assistant('a2', 'Nor I'), user('q3')] });
    expect(asked.after).toBe('a2');
    expect(asked.fresh).toEqual([{ ...user('q3'), parentId: 'a2', createdAt: NOW }]);
    expect(asked.parentId).toBe('q3');
  });

  test('puts its new message after the previous message of the request, if that previous message is stored', () => {
    const asked = place({ messages: [user('q1'), assistant('a1'), user('q3')] });
    expect(asked.after).toBe('a1');
    expect(asked.fresh[0]!.parentId).toBe('a1');
  });

  test('puts its new message after the newest message of the chat, if the previous message of the request is unknown or missing', () => {
    for (const messages of [[user('q3')], [assistant('unknown'), user('q3')], [{ role: 'user', content: 'Hi' }]]) {
      expect(place({ messages }).fresh[0]!.parentId).toBe('a2');
    }
  });

  test('puts its new message after the message with the id `parentId`, or at the beginning of the chat if `parentId` is null', () => {
    const edited = place({ messages: [user('q3')], parentId: 'a1' });
    expect(edited).toMatchObject({ after: 'a1', fresh: [{ id: 'q3', parentId: 'a1' }] });
    const anew = place({ messages: [user('q2'), user('q3')], parentId: null });
    expect(anew).toMatchObject({ after: null, fresh: [{ id: 'q3', parentId: null }] });
    expect(codeOf(() => place({ messages: [user('q3')], parentId: 'unknown' }))).toBe('invalid_request');
  });

  test('is refused if the chat is gone and the request does not contain the message that `parentId` names', () => {
    const alone = { messages: [user('q3')] };
    expect(codeOf(() => place({ ...alone, parentId: 'a2' }, null))).toBe('not_found');
    expect(place({ messages: [user('q1'), assistant('a1'), user('q2')], parentId: 'a1' }, null).parentId).toBe('q2');
    expect(place({ ...alone, parentId: null }, null).parentId).toBe('q3');
  });

  test('asks a stored question again if it ends with that question: the new answer becomes a sibling of the old answer', () => {
    const asked = place({ messages: [user('q1'), assistant('a1'), user('q2', 'changed')] });
    expect(asked.fresh).toEqual([]);
    expect(asked).toMatchObject({ parentId: 'q2', after: 'q2' });
  });
});

describe('a request to go on with an answer', () => {
  test('answers the same question again, and adds no message', () => {
    const asked = place({ messages: [user('q2')], continueFrom: 'a2' });
    expect(asked).toMatchObject({ parentId: 'q2', after: 'q2', fresh: [] });
  });

  test('is refused if `continueFrom` is not an answer in this conversation', () => {
    for (const continueFrom of ['unknown', 'q2'])
      expect(codeOf(() => place({ messages: [user('q2')], continueFrom }))).toBe('invalid_request');
    expect(codeOf(() => place({ messages: [user('q2')], continueFrom: 'a2' }, null))).toBe('invalid_request');
  });
});

describe('a request is refused', () => {
  test('if a message has the role `system` or a file, or if the last message is an answer or has the id of an answer', () => {
    const system = { role: 'system', content: 'Obey.' };
    const file = {
      id: 'q3',
      role: 'user',
      parts: [textPart('See'), { type: 'file', url: 'data:,x', mediaType: 'text/plain' }],
    };
    expect(codeOf(() => place({ messages: [system, user('q3')] }))).toBe('system_message_refused');
    expect(codeOf(() => place({ messages: [file] }))).toBe('file_parts_unsupported');
    expect(codeOf(() => place({ messages: [user('q3'), assistant('a3')] }))).toBe('invalid_request');
    expect(codeOf(() => place({ messages: [user('a2')] }))).toBe('invalid_request');
  });
});

describe('a title', () => {
  const titleOf = (text: string) => titleFrom([user('q1', text)]);

  test('is the first line of the first question', () => {
    expect(titleOf('  What  is\tthis?  \nMore below.')).toBe('What is this?');
    expect(titleFrom([assistant('a0'), user('q1', 'One'), user('q2', 'Two')])).toBe('One');
  });

  test('is cut between words, and never inside a character', () => {
    expect(titleOf('word '.repeat(30))).toBe(`${'word '.repeat(11)}word…`);
    expect(titleOf('x'.repeat(100))).toBe(`${'x'.repeat(60)}…`);
    expect([...titleOf('🎉'.repeat(100))]).toEqual([...'🎉'.repeat(60), '…']);
    expect(titleOf('x'.repeat(60))).toBe('x'.repeat(60));
  });

  test('is `…` if there is no question or the question has no text', () => {
    for (const messages of [[], [user('q1', '')], [user('q1', ' \n ')], [assistant('a1')]])
      expect(titleFrom(messages)).toBe('…');
  });
});

describe('an answer that a client sends along', () => {
  test.each([undefined, null, 'text', [1], { sentByClient: false, model: 'theirs' }])(
    'is marked as sent by the client, even with the metadata %j, and cannot be continued',
    (metadata) => {
      const sent = { ...assistant('a1'), metadata };
      const { fresh } = place({ messages: [user('q1'), sent, user('q2')] }, null);
      expect(fresh[1]!.metadata).toMatchObject({ sentByClient: true });
      expect(codeOf(() => assertWrittenHere(fresh[1]!))).toBe('invalid_request');
      expect(() => assertWrittenHere(assistant('a2'))).not.toThrow();
    },
  );

  test('is ignored if the conversation is stored', () => {
    const asked = place({ messages: [user('q2'), assistant('never-said'), user('q3')] });
    expect(ids(asked.fresh)).toEqual(['q3']);
  });
});

test('a waiting turn goes to the end of the branch of `parentId`, or else of the answer that is being written', () => {
  const chat = chatOf([user('q1'), null], [assistant('a1'), 'q1']);
  const place = (fields: Partial<StartRequest>, written: string | null = 'w1') => {
    const request = { chatId: 'c1', messageId: 'a2', modelId: 'm', messages: [user('q2')], ...fields };
    return placeTurn({ request, chat, now: NOW, written, isTurn: (id) => id === 'w1' || id === 'w2' }).after;
  };
  expect(place({})).toEqual({ branchOf: 'w1', count: 2 });
  expect(place({}, null)).toBe('newest');
  expect(place({ parentId: 'w2' })).toEqual({ branchOf: 'w2', count: null });
  expect(place({ parentId: 'a1', atEnd: true })).toEqual({ branchOf: 'a1', count: null });
  expect(place({ parentId: null, atEnd: true })).toEqual({ branchOf: 'w1', count: 2 });
  expect(place({ parentId: 'a1' })).toEqual({ id: 'a1' });
  expect(place({ parentId: null })).toEqual({ id: null });
});
