import { expect, it } from 'vitest';
import type { Chat } from '../../shared/chat.ts';
import { chatAsJson, chatAsMarkdown, exportFileName } from './export-chat.ts';

const at = '2026-01-01T00:00:00Z';
const chat: Chat = {
  chatId: 'c1',
  title: 'A walk',
  createdAt: at,
  updatedAt: at,
  instructions: 'Be short.\nBe kind.',
  messages: [
    { id: 'q', role: 'user', parentId: null, createdAt: at, parts: [{ type: 'text', text: 'Where to?' }] },
    {
      id: 'a',
      role: 'assistant',
      parentId: 'q',
      createdAt: at,
      parts: [{ type: 'text', text: 'Nowhere' }],
      status: 'cancelled',
    },
    {
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
    },
  ],
  stream: null,
};

it('writes the branch that is shown as Markdown', () => {
  expect(chatAsMarkdown(chat)).toBe(
    '# A walk\n\n> Instructions: Be short.\n> Be kind.\n\n## You\n\nWhere to?\n\n## Assistant (demo)\n\nTo the **sea**.\n\n',
  );
});

it('writes all versions as JSON', () => {
  const { stream: _stream, ...kept } = chat;
  expect(JSON.parse(chatAsJson(chat))).toEqual(kept);
});

it('names files so that every system takes them', () => {
  expect(exportFileName('Où aller: à la mer / à pied?', 'md')).toBe('ou-aller-a-la-mer-a-pied.md');
  expect(exportFileName('漢字', 'json')).toBe('chat.json');
});
