/** Paths that are secret, because anyone who knows one may use it: invites (`/join/…`) and public pages (`/s/…`). */
const SECRET_PATH = /^\/(?:join|s)\/./i;

export const isSecretAddress = (url = ''): boolean => SECRET_PATH.test(url);

/**
 * No cache may keep the response, and requests that the page makes must not send the page's URL as the referrer. Pages with forms
 * override the referrer policy with {@link SECRET_FORM_REFERRER}.
 */
export const SECRET_HEADERS: Record<string, string> = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
};

/**
 * The referrer policy in a `meta` element of secret pages that have forms. With this policy, requests send the site as their
 * referrer, but not the path. With `no-referrer` a form would send `Origin: null`, and over plain HTTP, where browsers send no
 * `Sec-Fetch-Site`, the app could not tell its own form from a form of another site.
 */
export const SECRET_FORM_REFERRER = 'strict-origin';
