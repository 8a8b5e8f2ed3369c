// @vitest-environment happy-dom
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
  userId: 'u1',
  isOperator: false,
  sidebarHidden: false,
  pinned: [],
  now: '2026-01-01T00:00:00Z',
};

let root: Root;
let container: HTMLElement;
const onSend = vi.fn<(text: string) => Promise<boolean>>();
const onStop = vi.fn();

function render({ running = false, starting = false, draftKey = 'c1' } = {}): void {
  act(() =>
    root.render(
      <WordsContext.Provider value={en}>
        <LayoutProvider value={layout}>
          <Composer
            draftKey={draftKey}
            initialText=""
            action="/chat/c1"
            fresh="f"
            parentId=""
            temporary={false}
            model={{ models: [], modelId: 'demo', choose: () => undefined, servedByDemo: true }}
            running={running}
            starting={starting}
            stopping={false}
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
});
afterEach(() => {
  act(() => root.unmount());
  container.remove();
  vi.unstubAllGlobals();
});

describe('the field for a question', () => {
  test('sends with Enter and is empty then', async () => {
    render();
    type('  Hello ');
    await press({ key: 'Enter' });
    expect(onSend).toHaveBeenCalledExactlyOnceWith('Hello');
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

  test('keeps the text until the answer has started, and sends on while it is written', async () => {
    render({ running: true, starting: true });
    type('Next question');
    await press({ key: 'Enter' });
    expect(onSend).not.toHaveBeenCalled();
    expect(field().value).toBe('Next question');
    render({ running: true });
    await press({ key: 'Enter' });
    expect(onSend).toHaveBeenCalledWith('Next question');
  });

  test('puts a text that could not be sent back, before newly typed text', async () => {
    let refuse: (started: boolean) => void = () => undefined;
    onSend.mockReturnValue(new Promise((resolve) => (refuse = resolve)));
    render();
    type('First');
    await press({ key: 'Enter' });
    type('second');
    await act(async () => refuse(false));
    expect(field().value).toBe('First\nsecond');
  });

  test('keeps its draft over a reload, for each chat its own', () => {
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

  test('stops with Escape while an answer is written, and only then', () => {
    const escape = () => act(() => void document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' })));
    render();
    escape();
    expect(onStop).not.toHaveBeenCalled();
    render({ running: true });
    escape();
    expect(onStop).toHaveBeenCalledOnce();
  });
});
