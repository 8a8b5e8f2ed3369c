// @vitest-environment happy-dom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { createMemoryRouter, RouterProvider } from 'react-router-dom';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { en } from '~/words/en.ts';
import { WordsContext } from '~/words/words.ts';
import type { OnBranch } from './branch-button.tsx';
import { StalePlaces } from './stale-places.tsx';
import { useBranching } from './use-branching.ts';

vi.mock('~/layout/tab-channel.ts', () => ({ tellTabs: () => undefined }));
declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

function show(element: React.ReactNode) {
  const container = document.body.appendChild(document.createElement('div'));
  const root = createRoot(container);
  const router = createMemoryRouter([{ path: '*', element }]);
  act(() => root.render(<RouterProvider router={router} />));
  unmount = () => act(() => root.unmount());
  return { container, router };
}
let unmount = () => undefined as void;
afterEach(() => {
  unmount();
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

test('two clicks on Branch make one fork, and a refused fork can be tried again', async () => {
  const answers = [new Response('{}', { status: 429 }), Response.json({ chatId: 'f1' }, { status: 201 })];
  const fetch = vi.fn(async () => answers.shift()!);
  vi.stubGlobal('fetch', fetch);
  const seen: { branch?: OnBranch } = {};
  function Probe() {
    seen.branch = useBranching('c1').branch;
    return null;
  }
  const { router } = show(<Probe />);
  const clickTwice = () =>
    act(async () => void (await Promise.all([seen.branch!('m1', null), seen.branch!('m1', null)])));
  await clickTwice();
  expect(fetch).toHaveBeenCalledTimes(1);
  await clickTwice();
  expect(fetch).toHaveBeenCalledTimes(2);
  expect(router.state.location.pathname).toBe('/chat/f1');
});

describe('the place that a button chooses for a refused question', () => {
  test('applies only to the question that the button sends, and not to a later one', () => {
    const places: (string | undefined)[] = [];
    let place: string | undefined;
    const { container } = show(
      <WordsContext.Provider value={en}>
        <StalePlaces problem={{ code: 'stale_parent' }} onChoose={(chosen) => (place = chosen)} />
        <form
          id="composer"
          onSubmit={(event) => {
            event.preventDefault();
            places.push(place);
          }}
        />
      </WordsContext.Provider>,
    );
    for (const button of container.querySelectorAll('button')) act(() => button.click());
    expect(places).toEqual(['end', 'version']);
    expect(place).toBeUndefined();
  });
});
