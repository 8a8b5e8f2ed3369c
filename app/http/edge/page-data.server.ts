/**
 * The paths of pages, whose loaders' data Remix asks for as `<path>.data`. Resource routes have no such form: Remix
 * would read their bodies itself and send them on under headers of its own. deploy/edge.test.ts asks each page in
 * `app/routes` for its data, and so finds a page that is not in this list.
 */
const PAGE_PATH =
  /^\/(?:_root|chat\/[^/]+(?:\/manage)?|settings|archive|search|templates(?:\/[^/]+(?:\/edit)?)?|admin|plain|sign-in(?:\/[^/]+)*)$/i;
const DATA_SUFFIX = '.data';

/** True for a request for data that is not one for a page's data. `url`: path and query, as in the request line. */
export function isStrayDataRequest(url: string): boolean {
  const { pathname, searchParams } = new URL(`http://app${url}`);
  // The form of older Remix: it would run any route's loader, and answer in that route's name.
  if (searchParams.has('_data')) return true;
  return pathname.toLowerCase().endsWith(DATA_SUFFIX) && !PAGE_PATH.test(pathname.slice(0, -DATA_SUFFIX.length));
}
