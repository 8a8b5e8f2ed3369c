import { describe, expect, test } from 'vitest';
import { en } from '~/words/en.ts';
import { renderMessageToHtml } from './render-message.server.tsx';

const html = (text: string) => renderMessageToHtml({ parts: [{ type: 'text', text, state: 'done' }] }, en);

describe('a message as HTML', () => {
  test('shows the usual markdown', () => {
    const rendered = html(
      '# Title\n\nSome **bold**.\n\n- a\n- b\n\n| x | y |\n|--|-:|\n| 1 | 2 |\n\n```ts\nlet a = 1 < 2;\n```',
    );
    expect(rendered).toContain('<h3 dir="auto">Title</h3>');
    expect(rendered).toContain('<strong>bold</strong>');
    expect(rendered).toContain('<ul dir="auto" class="tight"><li><p dir="auto">a</p></li>');
    expect(rendered).toContain('<td class="right">2</td>');
    expect(rendered).toContain('let a = 1 &lt; 2;');
  });

  test('shows reasoning and tools folded, and sources as links', () => {
    const rendered = renderMessageToHtml(
      {
        parts: [
          { type: 'reasoning', text: 'Hm.', state: 'done' },
          {
            type: 'tool-currentTime',
            toolCallId: 't',
            state: 'output-available',
            input: { place: 'Oslo' },
            output: '12:00',
          },
          { type: 'source-url', sourceId: 's', url: 'https://example.org/a', title: 'A' },
          { type: 'source-url', sourceId: 's', url: 'javascript:alert(1)', title: 'B' },
        ],
      },
      en,
    );
    expect(rendered).toMatch(/<details[^>]*><summary>Thought</);
    expect(rendered).toContain('Current time');
    expect(rendered).toContain('https://example.org/a');
    expect(rendered).not.toContain('javascript:');
  });

  test('decodes character references once, and not at all in code', () => {
    expect(html('a &amp; b &copy; `c &amp; d` &amp;lt;')).toContain(
      'a &amp; b © <code dir="ltr">c &amp;amp; d</code> &amp;lt;',
    );
  });
});

describe('hostile markdown', () => {
  test.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    'text <b onmouseover="alert(1)">bold</b>',
    '<a href="javascript:alert(1)">x</a>',
    '<iframe src="https://evil.example"></iframe>\n\ntext',
    '<style>*{display:none}</style>',
    '- <script>alert(1)</script>',
    '| <script>alert(1)</script> |\n|---|\n| <img src=x> |',
    '```html\n<script>alert(1)</script>\n```',
    '```"><script>alert(1)</script>\ncode\n```',
    '&lt;script&gt;alert(1)&lt;/script&gt;',
  ])('no tag in %j becomes an HTML element', (source) => {
    expect(html(source)).not.toMatch(/<(script|img|iframe|style|b )/i);
    expect(html(source)).not.toMatch(/<[^>]*\son\w+=/i);
  });

  test.each([
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](java&#115;cript:alert(1))',
    '[x](&#x6A;avascript:alert(1))',
    '[x]( javascript:alert(1))',
    '[x](data:text/html,<script>alert(1)</script>)',
    '[x](vbscript:x)',
    '[x](file:///etc/passwd)',
    '[x](/settings)',
    '[x](//evil.example)',
    '<javascript:alert(1)>',
    '![x](javascript:alert(1))',
    '[x][r]\n\n[r]: javascript:alert(1)',
  ])('%j does not become a link', (source) => {
    expect(html(source)).not.toContain('<a ');
  });

  test('loads no images, but links to them', () => {
    const rendered = html('![a cat](https://evil.example/track.png?id=1)');
    expect(rendered).not.toContain('<img');
    expect(rendered).toContain('rel="noopener noreferrer nofollow"');
    expect(rendered).toContain('Image: a cat');
  });
});
