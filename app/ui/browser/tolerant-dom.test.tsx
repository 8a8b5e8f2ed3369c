// @vitest-environment happy-dom
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterAll, expect, test } from 'vitest';
import { tolerateForeignChanges } from './tolerant-dom.ts';

declare global {
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}
globalThis.IS_REACT_ACT_ENVIRONMENT = true;

const { removeChild, insertBefore } = Node.prototype;
afterAll(() => Object.assign(Node.prototype, { removeChild, insertBefore }));

/** Wraps each text in a `font` element, like the translator of a browser. */
function wrapTexts(root: Node): void {
  for (const node of [...root.childNodes]) {
    if (!(node instanceof Text)) wrapTexts(node);
    else if (node.parentElement?.localName !== 'font') {
      const font = document.createElement('font');
      node.replaceWith(font);
      font.append(node);
    }
  }
}

test('a page whose texts were wrapped by a translator can still be updated', () => {
  tolerateForeignChanges();
  const container = document.createElement('div');
  const root = createRoot(container);
  const Page = ({ step }: { step: number }) => (
    <p>
      {step < 2 && 'first '}
      {step > 0 && 'second '}
      {step % 2 === 0 ? <b>bold</b> : 'plain'}
    </p>
  );
  for (let step = 0; step < 4; step += 1) {
    act(() => root.render(<Page step={step} />));
    wrapTexts(container);
  }
  expect(container.textContent).toBe('second plain');
  act(() => root.unmount());
  expect(container.textContent).toBe('');
});
