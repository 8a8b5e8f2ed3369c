import { RemixBrowser } from '@remix-run/react';

/**
 * Resolves once Remix has read the data that the server sends with the page. Until then, `RemixBrowser` suspends. If React
 * hydrated the page earlier, a click would make React fail with error 345.
 *
 * The first call of `RemixBrowser` begins to read the data, and throws a promise that resolves when the data is read. It throws
 * before it uses any hook, so this function can call `RemixBrowser` outside of React.
 */
export async function untilPageDataIsRead(): Promise<void> {
  try {
    RemixBrowser({});
  } catch (reading) {
    await reading;
  }
}
