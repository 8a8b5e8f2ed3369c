/** Addresses that let in whoever knows them: the path of an invite (`/join/<token>`) and of a public page (`/s/<id>`). */
const SECRET_PATH = /^\/(?:join|s)\/./i;

export const isSecretAddress = (url = ''): boolean => SECRET_PATH.test(url);

/** No cache may keep the response, and no request that its page causes may tell the address. */
export const SECRET_HEADERS: Record<string, string> = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
};
