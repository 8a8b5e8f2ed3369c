import fc from 'fast-check';
import { en } from '~/words/en.ts';
import { WordsContext } from '~/words/words.ts';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import { createFold, type Chunk } from '../../../../shared/stream/fold.ts';
import type { MessagePart } from '../../../../shared/chat/messages.ts';
import { createLiveMarkup } from '~/no-script/live-markup.server.ts';
import { renderMessageToHtml } from '~/no-script/render-message.server.tsx';
import { MessageBody } from './message-body.tsx';

/** Names that every object has, and other names that often cause errors. */
const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'then',
  'toJSON',
  'length',
  '',
  'ts',
];
const name = fc.oneof(fc.constantFrom(...NAMES), fc.string({ maxLength: 12 }));
const hostileObject = fc.constantFrom<unknown>(
  JSON.parse('{"__proto__":{"a":1}}'),
  { toString: 1, valueOf: 1 },
  { toJSON: 'x' },
  Array.from({ length: 200 }).reduce((inner: unknown) => [inner], 'deep'),
);
const value = fc.oneof(name, fc.jsonValue({ maxDepth: 3 }), hostileObject, fc.constant(undefined));
const markdown = fc.oneof(
  name,
  name.map(
    (language) =>
      `\`\`\`${language}\ncode\n\`\`\`\n\n[${language}][${language}] [^${language}]\n\n[^${language}]: note`,
  ),
);
const type = fc.oneof(
  fc.constantFrom('text', 'reasoning', 'source-url', 'source-document', 'file', 'dynamic-tool', 'step-start'),
  name.map((suffix) => `tool-${suffix}`),
  name.map((suffix) => `data-${suffix}`),
  name,
);
const FIELDS = [
  'text',
  'state',
  'toolName',
  'toolCallId',
  'input',
  'inputText',
  'output',
  'errorText',
  'url',
  'title',
  'id',
  'data',
];
const fields = fc.record(
  Object.fromEntries(FIELDS.map((field) => [field, field === 'text' ? fc.oneof(markdown, value) : value])),
  {
    requiredKeys: [],
  },
);
const part = fc.tuple(type, fields).map(([type, rest]) => ({ ...rest, type }) as MessagePart);

/** Elements, event handlers and URLs that must never appear in an answer. */
const FOREIGN = /<(?:script|img|iframe|style|object|embed|form|base|link|meta)\b|<[^>]*\son\w+=|javascript:/i;
const withoutEntities = (html: string): string => html.replace(/&[^;]+;/g, '');

test('a message is rendered safely with any names and values of its fields', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), fc.boolean(), (parts, streaming) => {
      const html = renderToStaticMarkup(
        <WordsContext.Provider value={en}>
          <MessageBody parts={parts} streaming={streaming} />
        </WordsContext.Provider>,
      );
      expect(withoutEntities(html)).not.toMatch(FOREIGN);
      expect(withoutEntities(renderMessageToHtml({ parts }, en))).not.toMatch(FOREIGN);
    }),
    { numRuns: 500 },
  );
});

const chunkType = fc.constantFrom(
  ...['start', 'text-start', 'text-delta', 'text-end', 'reasoning-start', 'reasoning-delta', 'tool-input-start'],
  ...['tool-input-available', 'tool-output-available', 'tool-output-error', 'data-x', 'error', '__proto__', 'toString'],
);
const chunk = fc
  .tuple(
    chunkType,
    fc.record({ id: name, delta: markdown, toolName: name, toolCallId: name, input: value, output: value }),
  )
  .map(([type, rest]) => ({ ...rest, type }) as Chunk);

test('the HTML of an answer that is written without JavaScript is safe with any chunks', () => {
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 12 }), (chunks) => {
      const live = createLiveMarkup('n0', en);
      const fold = createFold('m1');
      const html = chunks.map((chunk) => (fold.take(chunk), live.take(chunk))).join('') + live.replace();
      const withoutStyles = html.replace(/<style nonce="n0">#[\w-]+\{display:none\}<\/style>/g, '');
      expect(withoutEntities(withoutStyles)).not.toMatch(FOREIGN);
      expect(withoutEntities(renderMessageToHtml(fold.message, en))).not.toMatch(FOREIGN);
    }),
    { numRuns: 300 },
  );
});

test.each(['__proto__', 'constructor', 'toString', 'valueOf'])(
  'code in the language %s is shown as code',
  (language) => {
    const html = renderMessageToHtml({ parts: [{ type: 'text', text: `\`\`\`${language}\nlet a;\n\`\`\`` }] }, en);
    expect(html).toContain(`<span>${language}</span>`);
    expect(html).toContain('let a;');
  },
);
