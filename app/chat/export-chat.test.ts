import { expect, test } from 'vitest';
import type { BranchMessage } from '../../shared/chat/chat.ts';
import { de } from '~/words/de.ts';
import { en } from '~/words/en.ts';
import type { Words } from '~/words/words.ts';
import { chatAsJson, chatAsMarkdown, exportFileName } from './export-chat.ts';

const at = '2026-01-01T00:00:00Z';
const head = { chatId: 'c1', title: 'A walk', createdAt: at, updatedAt: at, instructions: 'Be short.\nBe kind.' };
const question: BranchMessage = {
  id: 'q',
  role: 'user',
  parentId: null,
  createdAt: at,
  parts: [{ type: 'text', text: 'Where to?' }],
};
const stopped: BranchMessage = {
  id: 'a',
  role: 'assistant',
  parentId: 'q',
  createdAt: at,
  parts: [{ type: 'text', text: 'Nowhere' }],
  status: 'cancelled',
};
const answer: BranchMessage = {
  id: 'b',
  role: 'assistant',
  parentId: 'q',
  createdAt: at,
  parts: [
    { type: 'reasoning', text: 'Hm.' },
    { type: 'text', text: 'To the **sea**.' },
  ],
  status: 'completed',
  modelId: 'demo',
};

const alone = (words: Words) => ({ words, room: null, owner: '' });

async function* each<T>(items: T[]): AsyncGenerator<T> {
  yield* items;
}
async function joined(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

test('Markdown has the instructions, all messages, and a note after a stopped answer', async () => {
  expect(await joined(chatAsMarkdown(head, each([question, answer]), alone(en)))).toBe(
    '# A walk\n\n> Custom instructions: Be short.\n> Be kind.\n\n## You\n\nWhere to?\n\n## Answer by demo\n\nTo the **sea**.\n\n',
  );
  expect(await joined(chatAsMarkdown({ ...head, instructions: '' }, each([question, stopped]), alone(en)))).toContain(
    '## Answer\n\nNowhere\n\n*Stopped.*\n\n',
  );
});

test('in a room, Markdown has the names of the other people, and “You” for the person who exports the chat', async () => {
  const [ana, ben] = [
    { userId: 'a', name: 'Ana' },
    { userId: 'b', name: 'Ben' },
  ];
  const ofBen = { ...question, by: ben };
  const headings = async (userId: string, role: 'owner' | 'editor') => {
    const turns = each([question, { ...stopped, stoppedBy: ben }, ofBen]);
    const text = await joined(chatAsMarkdown(head, turns, { words: en, room: { userId, role }, owner: ana.name }));
    return text.match(/^(## .*|\*.*)$/gm);
  };
  // The first question is older than the room, so it is the owner's.
  expect(await headings('a', 'owner')).toEqual(['## You', '## Answer', '*Stopped by Ben.*', '## Ben']);
  expect(await headings('b', 'editor')).toEqual(['## Ana', '## Answer', '*Stopped.*', '## You']);
});

test('Markdown is in the language of the person', async () => {
  const failed: BranchMessage = { ...stopped, status: 'error' };
  expect(await joined(chatAsMarkdown(head, each([question, answer, failed]), alone(de)))).toBe(
    '# A walk\n\n> Eigene Anweisungen: Be short.\n> Be kind.\n\n## Du\n\nWhere to?\n\n## Antwort von demo\n\nTo the **sea**.\n\n' +
      `## Antwort\n\nNowhere\n\n*${de.thread.failed}*\n\n`,
  );
});

test('fields that only a provider reads are left out', async () => {
  const signed: BranchMessage = {
    ...answer,
    parts: [
      { type: 'text', text: 'To the sea.', providerMetadata: { google: { thoughtSignature: 'c2ln' } } },
      {
        type: 'tool-x',
        toolCallId: 'c',
        state: 'output-available',
        input: {},
        output: 1,
        callProviderMetadata: { a: 'c2ln' },
      },
    ],
  };
  for (const write of [chatAsJson(head, each([signed])), chatAsMarkdown(head, each([signed]), alone(en))]) {
    const text = await joined(write);
    expect(text).toContain('To the sea.');
    expect(text).not.toMatch(/c2ln|Metadata/);
  }
});

test('JSON has all versions, one line per message', async () => {
  const messages = [question, stopped, answer];
  const text = await joined(chatAsJson(head, each(messages)));
  expect(JSON.parse(text)).toEqual({ ...head, messages });
  expect(text.trimEnd().split('\n')).toHaveLength(messages.length + 2);
  expect(JSON.parse(await joined(chatAsJson(head, each([]))))).toEqual({ ...head, messages: [] });
});

test('the size of JSON grows only with the content, even if a message is deeply nested', async () => {
  let nested: unknown = 'x';
  for (let i = 0; i < 2500; i++) nested = { a: nested };
  const deep = { ...question, parts: [{ type: 'data-deep', data: nested }] };
  const text = await joined(chatAsJson(head, each([deep])));
  expect(text.length).toBeLessThan(JSON.stringify(deep).length + 500);
});

test('the name of a file is valid on every system', () => {
  expect(exportFileName('Où aller: à la mer / à pied?', 'md')).toBe('ou-aller-a-la-mer-a-pied.md');
  expect(exportFileName('漢字', 'json')).toBe('chat.json');
});
