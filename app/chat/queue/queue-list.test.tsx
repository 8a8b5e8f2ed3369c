// @vitest-environment happy-dom
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Queue, QueuedTurn } from '../../../shared/chat/chat.ts';
import type { Room } from '../../../shared/chat/rooms.ts';
import { LayoutProvider, type LayoutData } from '~/layout/layout-data.tsx';
import { en } from '~/words/en.ts';
import { WordsContext } from '~/words/words.ts';
import { QueueList } from './queue-list.tsx';

const refresh = vi.hoisted(() => vi.fn());
vi.mock('~/layout/refresh.tsx', () => ({ useRefresh: () => refresh }));
vi.mock('~/layout/tab-channel.ts', () => ({ tellTabs: () => undefined }));
declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const LAYOUT = { userId: 'ann', maxRequestBytes: 1_000_000 } as LayoutData;

const queueOf = (...texts: string[]) =>
  ({
    paused: false,
    turns: texts.map((text, i) => ({
      messageId: `m-${text}`,
      place: i + 1,
      under: null,
      question: { id: `q-${text}`, role: 'user', parts: [{ type: 'text', text }] },
    })),
  }) as unknown as Queue;

const SHOWN = new Set(['q1', 'a1']);

let root: Root;
let container: HTMLElement;
const onLeftOver = vi.fn<(text: string) => void>();
const render = (rendered: Queue, more: { room?: Room; sending?: Queue['turns'] } = {}) =>
  act(() =>
    root.render(
      <WordsContext.Provider value={en}>
        <LayoutProvider value={LAYOUT}>
          <QueueList
            chatId="c1"
            room={null}
            shown={SHOWN}
            rendered={rendered}
            onLeftOver={onLeftOver}
            onCallOff={() => undefined}
            {...more}
          />
        </LayoutProvider>
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
/** Lets the test answer the requests of the page one by one. */
function holdRequests() {
  const requests: ((queue: Queue) => Promise<void>)[] = [];
  vi.stubGlobal(
    'fetch',
    () => new Promise((resolve) => requests.push((queue) => act(async () => resolve(Response.json(queue))))),
  );
  return requests;
}
const shown = () => [...container.querySelectorAll('.bubble')].map(({ textContent }) => textContent);
const submit = (form: HTMLFormElement) =>
  act(async () => void form.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true })));
const actionForm = (text: string, intent: string) =>
  row(text).querySelector<HTMLInputElement>(`input[value="${intent}"]`)!.form!;

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
  container = document.body.appendChild(document.createElement('div'));
  root = createRoot(container);
  onLeftOver.mockReset();
});
afterEach(() => {
  act(() => root.unmount());
  container.remove();
  vi.unstubAllGlobals();
});

const MOVE = 'Move up, Move down';

test.each([
  { role: 'owner', one: `${MOVE}, Send now, Edit, Remove`, two: `${MOVE}, Send now, Remove` },
  { role: 'editor', one: `${MOVE}, Send now, Edit, Remove`, two: 'Send now' },
  { role: 'viewer', one: '', two: '' },
])('in a room, messages that wait have the buttons that the person may use: $role', ({ role, one, two }) => {
  const queue = queueOf('one', 'two');
  const [mine, theirs] = queue.turns as [QueuedTurn, QueuedTurn];
  mine.by = { userId: 'ann', name: 'Ann' };
  theirs.by = { userId: 'bob', name: 'Bob' };
  render(queue, { room: { role, userId: 'ann' } as Room });
  const buttons = (text: string) =>
    [...row(text).querySelectorAll('.actions > form > button, .actions summary')]
      .map((button) => button.textContent!.replace(` ${text}`, ''))
      .join(', ');
  expect([buttons('one'), buttons('two')]).toEqual([one, two]);
});

test('a person who becomes a viewer sees the texts of the messages that the server removes for this reason', () => {
  const mine = queueOf('one', 'two');
  for (const turn of mine.turns) turn.by = { userId: 'ann', name: 'Ann' };
  const alert = () => container.querySelector('[role="alert"]')?.textContent;
  render(mine, { room: { role: 'editor', userId: 'ann' } as Room });
  render(mine, { room: { role: 'viewer', userId: 'ann' } as Room });
  expect(alert()).toBeUndefined();
  render(queueOf(), { room: { role: 'viewer', userId: 'ann' } as Room });
  const notice = 'You can only read here now, so your waiting messages were removed:onetwoClose';
  expect(alert()).toBe(notice);
  act(() => root.unmount());
  root = createRoot(container);
  render(queueOf(), { room: { role: 'viewer', userId: 'ann' } as Room });
  expect(alert()).toBe(notice);
  act(() => container.querySelector<HTMLButtonElement>('[role="alert"] button')!.click());
  expect(alert()).toBeUndefined();
});

describe('a message that waits', () => {
  test('says if it goes to another version than the one that the page shows', () => {
    const queue = queueOf('here', 'there', 'after here', 'after there');
    const under = ['a1', 'a2', 'm-here', 'm-there'];
    queue.turns.forEach((turn, i) => (turn.under = under[i]!));
    render(queue);
    const states = [...container.querySelectorAll('.queue-state')].map(({ textContent }) => textContent);
    expect(states.map((state) => state!.endsWith('In another version'))).toEqual([false, true, false, true]);
  });

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

  test('drops the typed text after an edit was saved, and shows the stored text in the field', async () => {
    vi.stubGlobal('fetch', async () => Response.json(queueOf('one')));
    render(queueOf('one'));
    type('one', 'other');
    await submit(field('one').form!);
    expect(field('one').value).toBe('one');
    render(queueOf());
    expect(onLeftOver).not.toHaveBeenCalled();
  });

  test('gives its unsaved edit to the composer when the answer to the message begins', () => {
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

describe('a change of the queue', () => {
  test('stays on the page, even if an older queue is rendered before or after the response', async () => {
    const requests = holdRequests();
    render(queueOf('one', 'two'));
    await submit(actionForm('one', 'queue-remove'));
    expect(shown()).toEqual(['two']);
    render(queueOf('one', 'two'));
    expect(shown()).toEqual(['two']);
    await requests[0]!(queueOf('two'));
    refresh.mockClear();
    render(queueOf('one', 'two'));
    expect(shown()).toEqual(['two']);
    expect(refresh).toHaveBeenCalledOnce();
    // The second queue that is rendered after the response is newer than the change, so it is shown in any case.
    render(queueOf('one', 'two', 'three'));
    expect(shown()).toEqual(['one', 'two', 'three']);
  });

  test('stays on the page when the response to an earlier change arrives', async () => {
    const requests = holdRequests();
    render(queueOf('one', 'two', 'three'));
    await submit(actionForm('one', 'queue-remove'));
    await submit(actionForm('three', 'queue-up'));
    expect(shown()).toEqual(['three', 'two']);
    await requests[0]!(queueOf('two', 'three'));
    expect(shown()).toEqual(['three', 'two']);
    await requests[1]!(queueOf('three', 'two'));
    render(queueOf('three', 'two'));
    expect(shown()).toEqual(['three', 'two']);
  });

  test('is shown if it edits the end of a long text, although the response contains only the beginning', async () => {
    const cut = queueOf('begins');
    cut.turns[0]!.cut = true;
    vi.stubGlobal('fetch', async () => Response.json(cut));
    const whole = queueOf('begins and ends');
    whole.turns[0]!.messageId = 'm-begins';
    render(whole);
    type('begins', 'begins and goes on');
    await submit(field('begins').form!);
    expect(shown()).toEqual(['begins and goes on']);
  });

  test('that moves a message keeps the focus on the pressed button, even if the message cannot move further', async () => {
    vi.stubGlobal('fetch', async () => Response.json(queueOf('two', 'one')));
    render(queueOf('one', 'two'));
    const down = () => actionForm('one', 'queue-down').querySelector('button')!;
    down().focus();
    await submit(actionForm('one', 'queue-down'));
    await act(() => new Promise(requestAnimationFrame));
    expect(shown()).toEqual(['two', 'one']);
    expect(document.activeElement).toBe(down());
    expect(down().getAttribute('aria-disabled')).toBe('true');
    await submit(actionForm('one', 'queue-down'));
    expect(shown()).toEqual(['two', 'one']);
  });
});

test('the buttons that move a message are invisible while no other message waits, and keep their place', () => {
  render(queueOf('one'));
  const hidden = () =>
    [...row('one').querySelectorAll<HTMLButtonElement>('.actions > .invisible button')].map(({ title }) => title);
  const count = row('one').querySelectorAll('.actions > *').length;
  expect(hidden()).toEqual([en.thread.queue.up, en.thread.queue.down]);
  render(queueOf('one', 'two'));
  expect(hidden()).toEqual([]);
  expect(row('one').querySelectorAll('.actions > *').length).toBe(count);
});

test('in a room, only the author can edit a waiting message, and a message that is being sent counts as the person’s own', () => {
  const room = { role: 'owner', userId: 'me' } as Room;
  const queue = queueOf('mine', 'theirs', 'before the room');
  Object.assign(queue.turns[0]!, { by: { userId: 'me', name: 'Me' } });
  Object.assign(queue.turns[1]!, { by: { userId: 'other', name: 'Other' } });
  const can = (text: string) =>
    ['queue-edit', 'queue-remove'].map((intent) => row(text).querySelector(`input[value="${intent}"]`) !== null);
  render(queue, { room });
  expect(['mine', 'theirs', 'before the room'].map(can)).toEqual([
    [true, true],
    [false, true],
    [true, true],
  ]);
  render(queue, { room: { ...room, role: 'editor' }, sending: queueOf('sent').turns });
  expect(['mine', 'theirs', 'before the room', 'sent'].map(can)).toEqual([
    [true, true],
    [false, false],
    [false, false],
    [true, true],
  ]);
});
