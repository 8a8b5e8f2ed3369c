import { config } from '~/process/config.server.ts';

/**
 * The full URL of a path of this app, to be given to other people. It has the first origin of `APP_ORIGIN`. If that is not set, it
 * has the origin of the request's URL.
 */
export function publicAddress(request: Request, path: string): string {
  const { origins } = config();
  return new URL(path, origins[0] ?? new URL(request.url).origin).href;
}
