/**
 * The paths of pages. Remix requests the data of their loaders as `<path>.data`. A resource route must not be requested in
 * this way, because Remix would read the response of the route and send its body with other headers. deploy/edge.test.ts
 * requests the data of each page in `app/routes`, so that test fails if a page is missing here.
 */
const PAGE_PATH =
  /^\/(?:_root|chat\/[^/]+(?:\/(?:manage|people|share))?|join\/[^/]+|settings(?:\/shares)?|archive|search|templates(?:\/[^/]+(?:\/edit)?)?|admin|plain|sign-in(?:\/[^/]+)*)$/i;
const DATA_SUFFIX = '.data';

/** True if a request asks for the data of a path that is not a page. `url`: path and query, as in the request line. */
export function isStrayDataRequest(url: string): boolean {
  const { pathname, searchParams } = new URL(`http://app${url}`);
  // Older versions of Remix request data with this parameter. A request with it could run the loader of any route.
  if (searchParams.has('_data')) return true;
  return pathname.toLowerCase().endsWith(DATA_SUFFIX) && !PAGE_PATH.test(pathname.slice(0, -DATA_SUFFIX.length));
}
