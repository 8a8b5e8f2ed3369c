import { describe, expect, test } from 'vitest';
import { RejoinError } from '../../shared/errors.ts';
import { optionsOf } from '../../shared/chat/share-options.ts';
import type { SharedPage, ShownMessage } from '../../shared/chat/shares.ts';
import { highlight } from '~/markdown/highlight.ts';
import { renderMessageToHtml } from '~/no-script/render-message.server.tsx';
import { en } from '~/words/en.ts';
import { colourCode } from './colour-code.ts';
import { documentHead, messageMarkup, pageFoot, pageHead, titleOf, type PageLook } from './page-markup.ts';
import { sharedAsJson, sharedAsMarkdown } from './shared-text.ts';
import { shownChunk } from './shown-chunk.ts';
import { sharedProblem } from './write-page.server.ts';

const HOSTILE = `"><script>alert(1)</script><img src=x onerror=alert(1)>' & \u202E`;
const render = (text: string) =>
  colourCode(renderMessageToHtml({ parts: [{ type: 'text', text, state: 'done' }] }, en));
const look: PageLook = {
  stylesheetUrl: '/app.css',
  nonce: 'n0',
  words: en,
  render: (message) => colourCode(renderMessageToHtml(message, en)),
};
const at = '2026-01-01T00:00:00.000Z';
const message = (role: 'user' | 'assistant', text: string, more: Partial<ShownMessage> = {}): ShownMessage => ({
  id: `${role}-1`,
  role,
  parts: [{ type: 'text', text, state: 'done' }],
  createdAt: at,
  ...more,
});
const page = (more: Partial<SharedPage> = {}): SharedPage => ({
  ...optionsOf({ copy: true }),
  mode: 'snapshot',
  title: HOSTILE,
  createdAt: at,
  updatedAt: at,
  messages: [
    message('user', HOSTILE, { by: HOSTILE }),
    message('assistant', HOSTILE, { modelId: HOSTILE, status: 'cancelled', versions: [message('assistant', HOSTILE)] }),
  ],
  instructionsText: HOSTILE,
  isCut: true,
  tag: HOSTILE,
  stream: null,
  ...more,
});

test('hostile titles, names, texts, models, instructions and tags are escaped', () => {
  const shown = page({ showTitleInPreview: true });
  const html = [
    documentHead(look, titleOf(shown, en)),
    pageHead(shown, look),
    ...shown.messages.map((each, index) => messageMarkup(each, index + 1, look)),
    pageFoot(shown, { words: en, path: '/s/x', tag: shown.tag, fresh: HOSTILE }),
  ].join('');
  expect(html).not.toMatch(/<(script|img|iframe)/i);
  expect(html.replace(/"[^"]*"/g, '')).not.toMatch(/<[^>]*\son\w+=/i);
  expect(html).toContain('&lt;script&gt;');
});

test('after too many requests, the error page has the header Retry-After', () => {
  const refused = sharedProblem(new RejoinError('rate_limited', { retryAfterSeconds: 7 }), en);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '7']);
  expect(refused.headers.get('content-type')).toBe('text/html; charset=utf-8');
});

test('the title is in the head of the document only if it is shown in previews', () => {
  expect(titleOf(page({ title: 'Private' }), en)).not.toContain('Private');
  expect(titleOf(page({ title: 'Private', showTitleInPreview: true }), en)).toContain('Private');
});

describe('code on the page', () => {
  test('is coloured as on other pages, and everything in it is escaped', () => {
    const code = 'const a = "<b>" && \'c\';\nreturn 1 < 2;';
    const html = render(`\`\`\`ts\n${code}\n\`\`\``);
    expect(html).toContain('hljs-keyword');
    expect(html).toContain(highlight(code, 'typescript')!.split('\n')[1]!);
    expect(html.replace(/<[^>]*>/g, '')).toContain('return 1 &lt; 2;');
    expect(html).not.toContain('<b>');
  });

  test.each(['unknown', 'html', '', '"><script>', 'ts'])(
    'in the language %j cannot add elements to the page',
    (language) => {
      const html = render(`\`\`\`${language}\n</span></code><script>alert(1)</script><img src=x>\n\`\`\``);
      expect(html).not.toMatch(/<(script|img)/);
    },
  );
});

describe('a chunk of a running answer', () => {
  const hidden = { reasoning: false, tools: false };
  const secret = { providerMetadata: { p: 'secret' }, messageMetadata: 'secret', metadata: 'secret' };
  test.each([
    { type: 'reasoning-start', id: '0' },
    { type: 'reasoning-delta', id: '0', delta: 'secret' },
    { type: 'tool-input-start', toolCallId: 't', toolName: 'secret' },
    { type: 'tool-input-available', toolCallId: 't', input: 'secret' },
    { type: 'tool-output-available', toolCallId: 't', output: 'secret' },
    { type: 'file', url: 'data:secret' },
    { type: 'message-metadata', messageMetadata: 'secret' },
    { type: 'data-anything', data: 'secret' },
    { type: 'a-new-type', text: 'secret' },
  ])('of type $type is hidden if the page shows neither reasoning nor tools', (chunk) =>
    expect(shownChunk(chunk, hidden)).toBeNull(),
  );

  test.each(['start', 'text-start', 'text-delta', 'text-end', 'finish', 'error', 'source-url'])(
    'of type %s is shown with only the fields that a reader needs',
    (type) => {
      const shown = shownChunk({ type, id: '0', delta: 'Hi', errorText: 'secret', ...secret }, hidden);
      expect(shown).toMatchObject({ type });
      expect(JSON.stringify(shown)).not.toContain('secret');
    },
  );

  test('of reasoning or of a tool is shown if the page shows reasoning and tools', () => {
    const all = { reasoning: true, tools: true };
    expect(shownChunk({ type: 'reasoning-delta', id: '0', delta: 'Hm', ...secret }, all)).toEqual({
      type: 'reasoning-delta',
      id: '0',
      delta: 'Hm',
    });
    expect(shownChunk({ type: 'tool-output-available', toolCallId: 't', output: 1 }, all)).toMatchObject({ output: 1 });
  });
});

test('a page as Markdown names the authors, and a page as JSON has only public fields', () => {
  const shown = page({
    title: 'A\ntitle',
    isCut: false,
    instructionsText: undefined,
    messages: [message('user', 'Why?', { by: 'Ada' }), message('assistant', '```ts\nlet a', { status: 'partial' })],
  });
  expect(sharedAsMarkdown(shown, en)).toBe(
    '# A title\n\n## Ada\n\nWhy?\n\n## Answer\n\n```ts\nlet a\n```\n\n*Only the beginning.*\n',
  );
  const json = JSON.parse(sharedAsJson(shown)) as object;
  expect(Object.keys(json).sort()).toEqual(['createdAt', 'isWriting', 'messages', 'mode', 'title', 'updatedAt']);
});
