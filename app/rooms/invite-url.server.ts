import { config } from '~/process/config.server.ts';

/**
 * The address of an invite. Of several origins that the app is known by, it is the one that the request came to. Without
 * `APP_ORIGIN` it is the request's own.
 */
export function inviteUrl(request: Request, token: string): string {
  const { origins } = config();
  const host = request.headers.get('x-forwarded-host') ?? request.headers.get('host');
  const known = origins.find((origin) => new URL(origin).host === host) ?? origins[0];
  return `${known ?? new URL(request.url).origin}/join/${token}`;
}
