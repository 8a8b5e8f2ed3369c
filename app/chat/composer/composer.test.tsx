// @vitest-environment happy-dom
import { setTimeout as delay } from 'node:timers/promises';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Composer } from './composer.tsx';
import { LayoutProvider, type LayoutData } from '~/layout/layout-data.tsx';
import { en } from '~/words/en.ts';
import { WordsContext } from '~/words/words.ts';

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const layout: LayoutData = {
  chats: [],
  next: null,
  models: { models: [], defaultModelId: 'demo', resumable: true },
  guestsOnlyRead: false,
  userId: 'u1',
  isOperator: false,
  sidebarHidden: false,
  rememberedModel: null,
  maxRequestBytes: 20_000,
  pinned: [],
  rooms: [],
  now: '2026-01-01T00:00:00Z',
};

let root: Root;
let container: HTMLElement;
const onSend = vi.fn<(text: string, how: { questionId?: string }) => Promise<boolean>>();
const onStop = vi.fn();

function render({
  running = false,
  starting = false,
  held = false,
  isNew = false,
  draftKey = 'c1',
  sent = [] as string[],
} = {}): void {
  act(() =>
    root.render(
      <WordsContext.Provider value={en}>
        <LayoutProvider value={layout}>
          <Composer
            draftKey={draftKey}
            isSent={(id) => sent.includes(id)}
            newChatId="c9"
            initialText=""
            action="/chat/c1"
            chatId={isNew ? null : 'c1'}
            fresh="f"
            parentId=""
            temporary={false}
            model={{ models: [], modelId: 'demo', choose: () => undefined, onlyDemo: true }}
            running={running}
            starting={starting}
            stopping={false}
            held={held}
            onSend={onSend}
            onStop={onStop}
          />
        </LayoutProvider>
      </WordsContext.Provider>,
    ),
  );
}

const field = () => container.querySelector('textarea')!;
const type = (text: string) =>
  act(() => {
    field().value = text;
    field().dispatchEvent(new InputEvent('input', { bubbles: true }));
  });
const press = (init: KeyboardEventInit) =>
  act(
    async () => void field().dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init })),
  );

beforeEach(() => {
  vi.stubGlobal('CSS', { supports: () => true });
  container = document.body.appendChild(document.createElement('div'));
  root = createRoot(container);
  onSend.mockReset().mockResolvedValue(true);
  onStop.mockReset();
  localStorage.clear();
  sessionStorage.clear();
});
afterEach(() => {
  act(() => root.unmount());
  container.remove();
  vi.unstubAllGlobals();
});

describe('the field for a question', () => {
  /** Renders the page anew, like a reload. */
  const reload = (props: Parameters<typeof render>[0] = {}) => {
    act(() => root.unmount());
    root = createRoot(container);
    render(props);
  };

  test('sends with Enter and is empty afterwards', async () => {
    render();
    type('  Hello ');
    await press({ key: 'Enter' });
    expect(onSend.mock.calls.map(([text]) => text)).toEqual(['Hello']);
    expect(field().value).toBe('');
  });

  test.each([
    ['Shift and Enter', { key: 'Enter', shiftKey: true }],
    ['Enter while an input method composes', { key: 'Enter', isComposing: true }],
    ['Enter with the key code of a composing input method', { key: 'Enter', keyCode: 229 }],
  ])('does not send with %s', async (_name, init) => {
    render();
    type('Hello');
    await press(init);
    expect(onSend).not.toHaveBeenCalled();
    expect(field().value).toBe('Hello');
  });

  test('does not send white space', async () => {
    render();
    type('  \n ');
    await press({ key: 'Enter' });
    expect(onSend).not.toHaveBeenCalled();
  });

  test('does not send a question while an answer is starting, but sends it while that answer is being written', async () => {
    render({ running: true, starting: true });
    type('Next question');
    await press({ key: 'Enter' });
    expect(onSend).not.toHaveBeenCalled();
    expect(field().value).toBe('Next question');
    render({ running: true });
    await press({ key: 'Enter' });
    expect(onSend.mock.lastCall?.[0]).toBe('Next question');
  });

  test('has a button whose label says if the text is sent immediately, after the answer, or with the held messages', () => {
    const label = () => container.querySelector('.send')?.getAttribute('aria-label');
    render();
    expect(label()).toBe('Send');
    render({ running: true });
    expect(label()).toBe('Send after this answer');
    render({ running: true, held: true });
    expect(label()).toBe('Send with the held messages');
  });

  test('restores on the page of a new chat what was typed in a chat that has not begun', async () => {
    let accept: (started: boolean) => void = () => undefined;
    onSend.mockReturnValue(new Promise((resolve) => (accept = resolve)));
    const begin = async () => {
      reload({ isNew: true, draftKey: 'new' });
      type('First');
      await press({ key: 'Enter' });
      render({ isNew: true, draftKey: 'c9', running: true, starting: true });
      type('second');
    };
    await begin();
    const id = `c9/${onSend.mock.lastCall![1].questionId}`;
    reload({ isNew: true, draftKey: 'new' });
    expect(field().value).toBe('First\nsecond');
    reload({ isNew: true, draftKey: 'new', sent: [id] });
    expect(field().value).toBe('second');
    type('');
    await begin();
    await act(async () => accept(true));
    reload({ isNew: true, draftKey: 'new' });
    expect(field().value).toBe('');
  });

  test('gets the focus when a letter is pressed while nothing has the focus, but not for a shortcut', () => {
    const pressElsewhere = (init: KeyboardEventInit) =>
      act(() => void document.body.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, ...init })));
    render();
    field().blur();
    for (const init of [{ key: 'k', ctrlKey: true }, { key: '?' }, { key: ' ' }, { key: 'Tab' }]) pressElsewhere(init);
    expect(document.activeElement).toBe(document.body);
    pressElsewhere({ key: 'a' });
    expect(document.activeElement).toBe(field());
  });

  test('shows a text again if it could not be sent, above what was typed since', async () => {
    let refuse: (started: boolean) => void = () => undefined;
    onSend.mockReturnValue(new Promise((resolve) => (refuse = resolve)));
    render();
    type('First');
    await press({ key: 'Enter' });
    type('second');
    await act(async () => refuse(false));
    expect(field().value).toBe('First\nsecond');
  });

  test('restores the texts that were not sent, and what was typed meanwhile, without the texts that the server has', async () => {
    onSend.mockReturnValue(new Promise(() => undefined));
    render();
    for (const text of ['One', 'Two']) {
      type(text);
      await press({ key: 'Enter' });
    }
    type('Three');
    const [one, two] = onSend.mock.calls.map(([, { questionId }]) => questionId!);
    reload();
    expect(field().value).toBe('One\nTwo\nThree');
    reload({ sent: [one!] });
    expect(field().value).toBe('Two\nThree');
    render({ sent: [one!, two!] });
    expect(field().value).toBe('Three');
    reload();
    expect(field().value).toBe('Three');
  });

  test('takes the restored texts for one text as soon as the person edits them', async () => {
    onSend.mockReturnValue(new Promise(() => undefined));
    render();
    type('One');
    await press({ key: 'Enter' });
    const { questionId } = onSend.mock.lastCall![1];
    reload();
    type('One, and more');
    render({ sent: [questionId!] });
    expect(field().value).toBe('One, and more');
    reload();
    expect(field().value).toBe('One, and more');
  });

  test('keeps a draft for each chat across a reload', () => {
    render();
    type('Half a thought');
    act(() => root.unmount());
    root = createRoot(container);
    render({ draftKey: 'c2' });
    expect(field().value).toBe('');
    act(() => root.unmount());
    root = createRoot(container);
    render();
    expect(field().value).toBe('Half a thought');
  });

  test('stops an answer with Escape, but only while an answer is written', () => {
    const escape = () => act(() => void document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' })));
    render();
    escape();
    expect(onStop).not.toHaveBeenCalled();
    render({ running: true });
    escape();
    expect(onStop).toHaveBeenCalledOnce();
  });

  test.each(['input', 'select', 'textarea'])('does not stop an answer with Escape in another field (%s)', (tag) => {
    render({ running: true });
    const other = document.body.appendChild(document.createElement(tag));
    const escape = (target: Element) =>
      act(() => void target.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true })));
    escape(other);
    other.remove();
    expect(onStop).not.toHaveBeenCalled();
    escape(field());
    expect(onStop).toHaveBeenCalledOnce();
  });
});

describe('a text that is too long', () => {
  const tooLong = 'x'.repeat(layout.maxRequestBytes);
  const alert = () => container.querySelector('[role="alert"]')?.textContent;

  test('is neither sent nor kept as a draft, and a notice with the limit is shown until the text is shortened', async () => {
    render();
    type('Half a thought');
    type(tooLong);
    expect(alert()).toBe('Your message is too long (21.6 kB; at most 19.5 kB). Shorten it.');
    await press({ key: 'Enter' });
    expect(onSend).not.toHaveBeenCalled();
    expect(field().value).toBe(tooLong);
    expect(Object.values(localStorage)).toEqual(['Half a thought']);
    type('Short');
    expect(alert()).toBeUndefined();
    await press({ key: 'Enter' });
    expect(onSend.mock.calls.map(([text]) => text)).toEqual(['Short']);
  });

  test('is measured in the bytes of the request: line breaks and Chinese letters take more than one byte', () => {
    render();
    type('\n'.repeat(8_000));
    expect(alert()).toBeUndefined();
    type('\n'.repeat(9_500));
    expect(alert()).toMatch(/too long/);
    type('长'.repeat(5_900));
    expect(alert()).toBeUndefined();
    type('长'.repeat(6_500));
    expect(alert()).toMatch(/too long/);
  });

  test.each(['paste', 'drop'])('is not inserted by a %s', async (kind) => {
    render();
    type('Look at this: ');
    const insert = (text: string) => {
      const data = { getData: () => text };
      const event = Object.assign(new Event(kind, { bubbles: true, cancelable: true }), {
        clipboardData: data,
        dataTransfer: data,
      });
      act(() => void field().dispatchEvent(event));
      return event.defaultPrevented;
    };
    expect(insert(tooLong)).toBe(true);
    expect(alert()).toMatch(/^Nothing was pasted: the message would be too long/);
    expect(insert('a short text')).toBe(false);
    expect(alert()).toBeUndefined();
  });
});

describe('templates in the composer', () => {
  const REVIEW = {
    id: 'review',
    name: 'Review',
    command: 'review',
    description: '',
    origin: 'own',
    message: 'Review {{what}}.',
    instructions: '',
    variables: [{ type: 'text', name: 'what', label: 'What to review', required: true }],
    version: 1,
  };
  const answers: (() => void)[] = [];
  /** Lets React work until the check holds. */
  const eventually = async (check: () => boolean) => {
    for (let tries = 0; !check() && tries < 400; tries += 1) await act(() => delay(5));
    expect(check()).toBe(true);
  };
  const answerAll = async () => {
    await eventually(() => answers.length > 0);
    await act(async () => answers.splice(0).forEach((answer) => answer()));
  };
  beforeEach(() => {
    answers.length = 0;
    vi.stubGlobal(
      'fetch',
      (path: string) =>
        new Promise((resolve) =>
          answers.push(() => resolve(Response.json(path === '/api/templates' ? { templates: [REVIEW] } : REVIEW))),
        ),
    );
  });
  const blank = () => container.querySelector<HTMLInputElement>('input[name="v.what"]');
  const openReview = async () => {
    type('/review');
    await press({ key: 'Enter' });
    await answerAll();
    await answerAll();
    await eventually(() => blank() !== null);
  };

  test('are opened by Enter even before they have loaded, and the form of the template replaces the field', async () => {
    render();
    await openReview();
    expect(onSend).not.toHaveBeenCalled();
    expect(field().form!.hidden).toBe(true);
    expect(document.querySelectorAll('#composer')).toHaveLength(1);
    expect(container.querySelector('#composer')!.contains(blank())).toBe(true);
  });

  test('close when another text is put into the field, and the field is shown again', async () => {
    render();
    await openReview();
    type('Something else');
    expect(blank()).toBeNull();
    expect(field().form!.hidden).toBe(false);
    expect(field().form!.id).toBe('composer');
    expect(document.activeElement).toBe(field());
  });

  test('show an error that begins with the label of the required variable that is empty', async () => {
    render();
    await openReview();
    await act(async () => {
      blank()!.form!.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
    });
    expect(container.querySelector('[role="alert"]')!.textContent).toMatch(/^What to review: /);
  });

  test('are chosen with Tab, but not with Shift+Tab, which leaves the field', async () => {
    render();
    type('/');
    await answerAll();
    await press({ key: 'Tab', shiftKey: true });
    expect(answers).toHaveLength(0);
    await press({ key: 'Tab' });
    expect(answers).toHaveLength(1);
  });

  const reload = () => {
    act(() => root.unmount());
    root = createRoot(container);
    render();
  };
  const typeBlank = (text: string) =>
    act(() => {
      blank()!.value = text;
      blank()!.dispatchEvent(new InputEvent('input', { bubbles: true }));
    });

  test('are open again after a reload, with the text of their blanks, until the person cancels', async () => {
    render();
    await openReview();
    expect(field().value).toBe('');
    typeBlank('my long text');
    reload();
    expect(field().value).toBe('');
    await answerAll();
    await eventually(() => blank() !== null);
    expect(blank()!.value).toBe('my long text');
    expect(document.activeElement).toBe(blank());
    await act(async () => {
      blank()!.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, cancelable: true }));
    });
    expect(blank()).toBeNull();
    expect(document.activeElement).toBe(field());
    reload();
    expect(field().value).toBe('');
    expect(answers).toHaveLength(0);
    await openReview();
    expect(blank()!.value).toBe('');
  });

  test('stay closed after a reload if the person has gone on in the field, and still have the text of their blanks', async () => {
    render();
    await openReview();
    typeBlank('my long text');
    type('Something else');
    reload();
    expect(field().value).toBe('Something else');
    expect(answers).toHaveLength(0);
    await openReview();
    expect(blank()!.value).toBe('my long text');
  });

  test('leave the text of their blanks in the field if they were deleted before a reload', async () => {
    render();
    await openReview();
    typeBlank('my long text');
    vi.stubGlobal('fetch', async () => Response.json({ code: 'not_found', title: 'Not found.' }, { status: 404 }));
    reload();
    await eventually(() => field().value !== '');
    expect(field().value).toBe('my long text');
    expect(container.querySelector('.notice')).toBeNull();
  });

  test('say so if they cannot be loaded again after a reload, and keep the text of their blanks', async () => {
    render();
    await openReview();
    typeBlank('my long text');
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
    reload();
    await eventually(() => container.querySelector('.notice') !== null);
    expect(field().form!.hidden).toBe(false);
    expect(Object.values(localStorage).join()).toContain('my long text');
  });

  test('forget the text of their blanks when the message is sent', async () => {
    render();
    await openReview();
    typeBlank('my long text');
    await act(async () => blank()!.form!.requestSubmit());
    expect(onSend).toHaveBeenCalledOnce();
    expect({ ...localStorage }).toEqual({});
  });
});
