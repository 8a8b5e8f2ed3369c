// @vitest-environment happy-dom
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Queue } from '../../../shared/chat.ts';
import { en } from '~/words/en.ts';
import { WordsContext } from '~/words/words.ts';
import { QueueList } from './queue-list.tsx';

vi.mock('~/layout/refresh.tsx', () => ({ useRefresh: () => () => undefined }));
vi.mock('~/layout/tab-channel.ts', () => ({ tellTabs: () => undefined }));
declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const queueOf = (...texts: string[]) =>
  ({
    paused: false,
    turns: texts.map((text, i) => ({
      messageId: `m-${text}`,
      place: i + 1,
      question: { id: `q-${text}`, role: 'user', parts: [{ type: 'text', text }] },
    })),
  }) as unknown as Queue;

let root: Root;
let container: HTMLElement;
const onLeftOver = vi.fn<(text: string) => void>();
const render = (rendered: Queue) =>
  act(() =>
    root.render(
      <WordsContext.Provider value={en}>
        <QueueList chatId="c1" room={null} rendered={rendered} onLeftOver={onLeftOver} />
      </WordsContext.Provider>,
    ),
  );
const row = (text: string) => document.getElementById(`q-m-${text}`)!;
const field = (text: string) => row(text).querySelector('textarea')!;
const type = (text: string, typed: string) =>
  act(() => {
    field(text).value = typed;
    field(text).dispatchEvent(new InputEvent('input', { bubbles: true }));
  });
const submit = (form: HTMLFormElement) =>
  act(async () => void form.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true })));
const actionForm = (text: string, intent: string) =>
  row(text).querySelector<HTMLInputElement>(`input[value="${intent}"]`)!.form!;

beforeEach(() => {
  container = document.body.appendChild(document.createElement('div'));
  root = createRoot(container);
  onLeftOver.mockReset();
});
afterEach(() => {
  act(() => root.unmount());
  container.remove();
  vi.unstubAllGlobals();
});

describe('a message that waits', () => {
  test('keeps an edit that was refused, and shows the reason', async () => {
    vi.stubGlobal('fetch', async () => Response.json({ code: 'rate_limited', title: 'Busy.' }, { status: 429 }));
    render(queueOf('one', 'two'));
    type('two', 'two, better');
    await submit(field('two').form!);
    expect(row('two').querySelector('.bubble')!.textContent).toBe('two');
    expect(field('two').value).toBe('two, better');
    expect(row('two').querySelector('details')!.open).toBe(true);
    expect(container.querySelector('[role="alert"]')!.textContent).toContain('Busy.');
    expect(onLeftOver).not.toHaveBeenCalled();
  });

  test('shows its stored text in the field again after an edit was saved', async () => {
    vi.stubGlobal('fetch', async () => Response.json(queueOf('one')));
    render(queueOf('one'));
    type('one', 'other');
    await submit(field('one').form!);
    expect(field('one').value).toBe('one');
    render(queueOf());
    expect(onLeftOver).not.toHaveBeenCalled();
  });

  test('gives an unsaved edit to the composer when its answer begins', () => {
    render(queueOf('one', 'two'));
    type('one', 'one, but');
    render(queueOf('two'));
    expect(onLeftOver.mock.calls).toEqual([['one, but']]);
  });

  test('is removed together with an unsaved edit', async () => {
    vi.stubGlobal('fetch', async () => Response.json(queueOf('two')));
    render(queueOf('one', 'two'));
    type('one', 'one, but');
    await submit(actionForm('one', 'queue-remove'));
    expect(row('one')).toBeNull();
    expect(onLeftOver).not.toHaveBeenCalled();
  });
});
