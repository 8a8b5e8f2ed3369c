import { RemixBrowser } from '@remix-run/react';

/**
 * Resolves once Remix has read the data that it sends along with the page. Until then, `RemixBrowser` suspends. If React hydrated
 * the page before that, a click would make it fail with its error 345.
 *
 * The first call of `RemixBrowser` begins to read, and throws the promise of the data. It does so before it uses any hook, so it
 * can be called outside of React.
 */
export async function untilPageDataIsRead(): Promise<void> {
  try {
    RemixBrowser({});
  } catch (reading) {
    await reading;
  }
}
