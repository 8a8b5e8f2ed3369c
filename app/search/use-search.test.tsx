// @vitest-environment happy-dom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useSearch, type Search } from './use-search.ts';

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

beforeEach(() => {
  vi.useFakeTimers();
});
let unmount = () => undefined as void;
afterEach(() => {
  unmount();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const refused =
  (status: number, code: string, headers: Record<string, string> = {}) =>
  () =>
    Response.json({ code, title: 'Refused.' }, { status, headers });
const found = () => Response.json({ hits: [], next: null });
const isAway = () => {
  throw new TypeError('Failed to fetch');
};

/** Mounts the search with a fake server. The server gives these responses in order, and then repeats the last one. */
function mount(...responses: (() => Response)[]) {
  let hidden: ReadonlySet<string> = new Set();
  const asked: string[] = [];
  vi.stubGlobal('fetch', async (path: string) => {
    asked.push(new URL(path, 'http://app.test').searchParams.get('q')!);
    return (responses.length > 1 ? responses.shift()! : responses[0]!)();
  });
  let search: Search | null = null;
  function Probe() {
    search = useSearch(hidden);
    return null;
  }
  const root = createRoot(document.createElement('div'));
  act(() => root.render(<Probe />));
  unmount = () => act(() => root.unmount());
  return {
    asked,
    get search() {
      return search!;
    },
    hide(...chatIds: string[]) {
      hidden = new Set(chatIds);
      act(() => root.render(<Probe />));
    },
    type: (text: string) => act(() => search!.setQuery(text)),
    /** Advances the clock in small steps, because React runs effects only at the end of `act`. */
    async pass(ms: number) {
      for (let passed = 0; passed < ms; passed += 50) await act(() => vi.advanceTimersByTimeAsync(50));
    },
  };
}

test('a query that the server refuses is sent once, and the reason of the refusal is shown', async () => {
  const page = mount(refused(400, 'invalid_request'), found);
  page.type('tides');
  await page.pass(60_000);
  expect(page.asked).toEqual(['tides']);
  expect(page.search.problem).toMatchObject({ code: 'invalid_request', message: 'Refused.' });
  page.type('tides moon');
  await page.pass(1000);
  expect(page.asked).toEqual(['tides', 'tides moon']);
  expect(page.search.problem).toBeNull();
});

test('a search is not repeated before the time that the server names, not even with another text', async () => {
  const page = mount(refused(429, 'rate_limited', { 'Retry-After': '10' }), found);
  page.type('tides');
  await page.pass(1000);
  expect(page.search.problem).toMatchObject({ code: 'rate_limited', message: 'Refused.' });
  page.type('');
  page.type('moon');
  await page.pass(8000);
  expect(page.asked).toEqual(['tides']);
  await page.pass(2000);
  expect(page.asked).toEqual(['tides', 'moon']);
  expect([page.search.answered, page.search.problem]).toEqual(['moon', null]);
});

test('a search in an outage is repeated after longer and longer pauses, and at once when the browser is online again', async () => {
  const page = mount(isAway);
  page.type('tides');
  await page.pass(60_000);
  expect(page.search.problem).toMatchObject({ code: 'network_error' });
  expect(page.asked.length).toBeGreaterThan(5);
  expect(page.asked.length).toBeLessThan(15);
  const before = page.asked.length;
  await act(async () => {
    window.dispatchEvent(new Event('online'));
    await vi.advanceTimersByTimeAsync(0);
  });
  expect(page.asked.length).toBe(before + 1);
});

test('two queries that follow each other are both sent, each of them once', async () => {
  const page = mount(found);
  page.type('tide');
  await page.pass(150);
  page.type('tides');
  await page.pass(1000);
  expect(page.asked).toEqual(['tide', 'tides']);
  await page.pass(60_000);
  expect(page.asked).toHaveLength(2);
});

test('hidden chats are left out of the results, and the active result is always one of the others', async () => {
  const hits = ['a', 'b', 'c'].map((chatId) => ({ chatId }));
  const page = mount(() => Response.json({ hits, next: null }));
  page.type('tides');
  await page.pass(1000);
  act(() => page.search.setActive(2));
  const found = () => page.search.answer!.hits.map(({ chatId }) => chatId);
  page.hide('a', 'c');
  expect([found(), page.search.active]).toEqual([['b'], 0]);
  page.hide();
  expect([found(), page.search.active]).toEqual([['a', 'b', 'c'], 2]);
  expect(page.asked).toEqual(['tides']);
});
