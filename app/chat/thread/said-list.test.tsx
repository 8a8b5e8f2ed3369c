import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import type { Chat } from '../../../shared/chat/chat.ts';
import { en } from '~/words/en.ts';
import { WordsContext } from '~/words/words.ts';
import { SaidList } from './said-list.tsx';

const message = (id: string, text: string, by?: { userId: string; name: string }): Chat['said'][number] => ({
  id,
  role: 'user',
  parts: [{ type: 'text', text }],
  parentId: 'a1',
  createdAt: '2026-01-01T00:00:00Z',
  ...(by ? { by } : {}),
});
const room = { roomId: 'a'.repeat(26), role: 'editor', name: 'Ann', userId: 'ann', people: 2, v: 3 } as Chat['room'];

test('messages said while an answer is written are shown below it as text, with the names of other people', () => {
  const said = [
    message('s1', '<b>Mine</b>', { userId: 'ann', name: 'Ann' }),
    message('s2', 'Yours', { userId: 'bob', name: '<i>Bob</i>' }),
  ];
  const render = (props: Pick<Chat, 'said' | 'room'>) =>
    renderToStaticMarkup(
      <WordsContext.Provider value={en}>
        <SaidList {...props} />
      </WordsContext.Provider>,
    );
  const html = render({ said, room });
  expect(html).toContain('&lt;b&gt;Mine&lt;/b&gt;');
  expect(html).toContain('<h2 class="author" dir="auto">&lt;i&gt;Bob&lt;/i&gt; said</h2>');
  expect(html).toContain('<h2 class="author" dir="auto">You said</h2>');
  expect(html).not.toContain('>Ann<');
  expect(render({ said: [message('s3', 'Alone')], room: null })).toContain('<h2 class="sr-only" dir="auto">You</h2>');
  expect(render({ said: [], room: null })).toBe('');
});
