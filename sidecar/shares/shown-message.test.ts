import { expect, test } from 'vitest';
import { optionsOf, SHARE_OPTIONS } from '../../shared/chat/share-options.ts';
import type { StoredMessage } from '../../shared/chat/messages.ts';
import { shareable, shownPage } from './shown-message.ts';

const SECRET = 'nobody may see this';
const message: StoredMessage = {
  id: 'a1',
  role: 'assistant',
  parentId: 'q1',
  createdAt: '2026-01-01T00:00:00.000Z',
  status: 'error',
  errorText: SECRET,
  errorCode: 'stalled',
  modelId: 'demo',
  metadata: { note: SECRET },
  by: { userId: SECRET, name: 'Ada' },
  more: SECRET,
  parts: [
    { type: 'step-start', more: SECRET },
    { type: 'reasoning', text: 'A thought', providerMetadata: { p: SECRET } },
    {
      type: 'tool-time',
      toolCallId: 't1',
      state: 'output-available',
      input: 'in',
      output: 'out',
      callProviderMetadata: SECRET,
    },
    { type: 'dynamic-tool', toolName: 'other', toolCallId: 't2', state: 'output-error', errorText: 'failed' },
    { type: 'text', text: 'The answer', providerMetadata: { p: SECRET } },
    { type: 'source-url', sourceId: 's1', url: 'https://example.com/', title: 'A source', providerMetadata: SECRET },
    { type: 'file', url: `data:${SECRET}`, filename: SECRET },
    { type: 'data-note', data: SECRET },
    { type: 'a-new-type', text: SECRET },
  ],
};
const shows = (...names: (typeof SHARE_OPTIONS)[number][]) => {
  const page = shownPage(
    {
      title: 'T',
      instructionsText: 'Be brief',
      isCut: false,
      messages: [{ ...shareable(message), versions: [shareable(message)] }],
    },
    optionsOf(Object.fromEntries(names.map((name) => [name, true]))),
  );
  const [first] = page.messages;
  return { page, first: first!, types: first!.parts.map(({ type }) => type), json: JSON.stringify(page) };
};

test('a page without options shows the text, the sources, and that there was a file', () => {
  const { types, json, first } = shows();
  expect(types).toEqual(['step-start', 'text', 'source-url', 'file']);
  expect(json).not.toMatch(/thought|tool|Ada|Be brief|versions/);
  expect(Object.keys(first).sort()).toEqual(['createdAt', 'errorCode', 'id', 'modelId', 'parts', 'role', 'status']);
});

test('thoughts, tools, names, instructions and versions each have an option that shows them', () => {
  expect(shows('reasoning').types).toContain('reasoning');
  expect(shows('tools').types).toEqual(expect.arrayContaining(['tool-time', 'dynamic-tool']));
  expect(shows('names').first.by).toBe('Ada');
  expect(shows('instructions').page.instructionsText).toBe('Be brief');
  expect(shows('versions').first.versions).toHaveLength(1);
  expect(shows('versions').json).not.toMatch(/thought|toolCallId|Ada/);
});

test('an answer that a client sent, and no model wrote, is marked with sentByClient', () => {
  expect(shareable({ ...message, metadata: { sentByClient: true, note: SECRET } }).sentByClient).toBe(true);
  expect(shareable(message)).not.toHaveProperty('sentByClient');
});

test('no option shows metadata, provider data, user ids, file contents, unknown parts or the error text of an answer', () => {
  expect(shows(...SHARE_OPTIONS).json).not.toContain(SECRET);
});
