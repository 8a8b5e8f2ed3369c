import { config } from '~/process/config.server.ts';

/**
 * The full URL of a path of this app, to be given to other people. Its origin is the first one in `APP_ORIGIN`, or the origin of
 * the request's URL if `APP_ORIGIN` is not set.
 */
export function publicAddress(request: Request, path: string): string {
  const { origins } = config();
  return new URL(path, origins[0] ?? new URL(request.url).origin).href;
}
