import { describe, expect, test } from 'vitest';
import type { Chunk } from '../../shared/stream/fold.ts';
import { escapeHtml } from '~/markdown/html.ts';
import { en } from '~/words/en.ts';
import { createLiveMarkup } from './live-markup.server.ts';

const write = (...chunks: Chunk[]) => {
  const live = createLiveMarkup('n0', en);
  return chunks.map((chunk) => live.take(chunk)).join('') + live.replace();
};
const START = { type: 'start', messageId: 'm1' };
const text = (delta: string, id = '0') => ({ type: 'text-delta', id, delta });
const unfinished = (number: number, text: string) =>
  `<p dir="auto" class="live-text" id="plain-${number}">${text}<style nonce="n0">#plain-${number}{display:none}</style></p>`;
/** The text without its tags. */
const read = (html: string) => html.replace(/<[^>]*>/g, '');

describe('an answer as append-only markup', () => {
  test('has the text as it arrives, with an element for each part', () => {
    const html = write(
      START,
      { type: 'text-start', id: '0' },
      text('One '),
      text('two'),
      { type: 'text-end', id: '0' },
      text('Three', '1'),
    );
    expect(html).toBe(
      `<div class="answer" data-live id="live-1">${unfinished(1, 'One two')}<p dir="auto">One two</p>` +
        `${unfinished(2, 'Three')}<p dir="auto">Three</p></div><style nonce="n0">#live-1{display:none}</style>`,
    );
  });

  test('renders a finished block once, in place of its text, and shows the unfinished block as text in its own element', () => {
    const live = createLiveMarkup('n0', en);
    live.take(START);
    expect(live.take(text('## Ti'))).toBe('<h3 dir="auto" class="live-text" id="plain-1">Ti');
    expect(live.take(text('tle\n\nSome **bo'))).toBe(
      '<style nonce="n0">#plain-1{display:none}</style></h3><h3 dir="auto">Title</h3>' +
        '<p dir="auto" class="live-text" id="plain-2">Some **bo',
    );
    expect(live.take(text('ld** <b>'))).toBe('ld** &lt;b&gt;');
    expect(live.take(text('\n\nLast \ud83e'))).toBe(
      '<style nonce="n0">#plain-2{display:none}</style></p>' +
        '<p dir="auto">Some <strong>bold</strong> &lt;b&gt;</p><p dir="auto" class="live-text" id="plain-3">Last ',
    );
    expect(live.take(text('\udd80'))).toBe('🦀');
  });

  test('escapes HTML in the text of a model', () => {
    const hostile = `</div><script>alert("1")</script>&lt;'`;
    const html = write(START, text(hostile), { type: 'tool-input-start', toolCallId: 't', toolName: '<img src=x>' });
    expect(html).not.toMatch(/<(script|img)/);
    expect(html).toContain('&lt;/div&gt;&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;lt;&#39;');
    expect(escapeHtml(`"><`)).toBe('&quot;&gt;&lt;');
  });

  test('holds back half a character until the other half arrives or the text ends', () => {
    const live = createLiveMarkup('n0', en);
    live.take(START);
    expect(read(live.take(text('a\ud83e')))).toBe('a');
    expect(read(live.take(text('\udd80b')))).toBe('🦀b');
    live.take(text('c\ud83e'));
    expect(live.take({ type: 'text-end', id: '0' })).toContain('<p dir="auto">a🦀bc\ud83e</p>');
  });

  test('puts reasoning into a collapsed `details` element', () => {
    const html = write(
      START,
      { type: 'reasoning-delta', id: '0', delta: 'Hm.' },
      { type: 'reasoning-end', id: '0' },
      text('Yes'),
    );
    expect(html).toContain(
      '<summary>Thinking…</summary><div class="live-text">Hm.</div></details><p dir="auto" class="live-text"',
    );
  });

  test('hides the text so far when the answer begins again, and then shows the new text', () => {
    const html = write(START, text('First'), START, text('Second'));
    expect(html).toBe(
      `<div class="answer" data-live id="live-1">${unfinished(1, 'First')}<p dir="auto">First</p></div>` +
        '<style nonce="n0">#live-1{display:none}</style>' +
        `<div class="answer" data-live id="live-2">${unfinished(2, 'Second')}<p dir="auto">Second</p></div>` +
        '<style nonce="n0">#live-2{display:none}</style>',
    );
  });

  test('closes its elements in the right order when parts are interleaved', () => {
    const html = write(START, text('a'), { type: 'reasoning-delta', id: '0', delta: 'b' }, text('c'));
    expect(read(html.replace(/<p [^>]*>[^<]*<style.*?<\/style><\/p>|<style.*?<\/style>/g, ''))).toBe('aThinking…bc');
    expect(html.match(/<div/g)!.length).toBe(html.match(/<\/div>/g)!.length);
  });
});
