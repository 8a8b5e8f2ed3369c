/** Paths that are secret, because anyone who knows one may use it: invites (`/join/…`) and public pages (`/s/…`). */
const SECRET_PATH = /^\/(?:join|s)\/./i;

export const isSecretAddress = (url = ''): boolean => SECRET_PATH.test(url);

/** No cache may keep the response, and the page's own requests must not send its URL as their referrer. */
export const SECRET_HEADERS: Record<string, string> = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
};
