import { RemixBrowser } from '@remix-run/react';

/**
 * Resolves once Remix has read the data that it sends along with the page. Until then its component suspends. If the root
 * of the page is hydrated before that, a click makes React render it at once, and fail with its error 345.
 *
 * When Remix's component is called for the first time, it begins to read and throws the promise of the data, as React expects
 * of a component that suspends. It does so before it uses any hook, so it can be called outside of React.
 */
export async function untilPageDataIsRead(): Promise<void> {
  try {
    RemixBrowser({});
  } catch (reading) {
    await reading;
  }
}
