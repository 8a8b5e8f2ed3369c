import { config } from '~/process/config.server.ts';

/**
 * The full address of a path of this app, for other people: under the first origin of `APP_ORIGIN`, otherwise under the host
 * that the request names.
 */
export function publicAddress(request: Request, path: string): string {
  const { origins } = config();
  return new URL(path, origins[0] ?? new URL(request.url).origin).href;
}
