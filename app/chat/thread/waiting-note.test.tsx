// @vitest-environment happy-dom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, test } from 'vitest';
import { MessageBody } from './message/message-body.tsx';
import type { Waiting } from '../../../shared/stream/stream.ts';
import { en } from '~/words/en.ts';
import { WordsContext } from '~/words/words.ts';

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

function shown(reason: Waiting['reason'], text: string): string {
  const container = document.createElement('div');
  const root = createRoot(container);
  const waiting = { reason, since: new Date(Date.now() - 6000).toISOString() };
  act(() =>
    root.render(
      <WordsContext.Provider value={en}>
        <MessageBody parts={[{ type: 'text', text }]} streaming waiting={waiting} />
      </WordsContext.Provider>,
    ),
  );
  const sentence = container.querySelector('.waiting')?.textContent ?? '';
  act(() => root.unmount());
  return sentence;
}

test('the note says that the model has not begun only while the answer has no content', () => {
  expect(shown('first-word', '')).toContain('The model has not begun yet (6 s)');
  expect(shown('first-word', 'Half of the answer')).toContain('The answer is being continued (6 s)');
  expect(shown('first-word', 'Half of the answer')).not.toContain('not begun');
  expect(shown('next-word', 'Half of the answer')).toContain('The model has paused (6 s)');
});
