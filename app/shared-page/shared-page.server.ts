import type { LoaderFunctionArgs } from '@remix-run/node';
import { forkAnswerSchema, type ForkAnswer } from '../../shared/chat/forks.ts';
import { RejoinError } from '../../shared/errors.ts';
import { sharedPageSchema, shareSecretSchema, type SharedPage } from '../../shared/chat/shares.ts';
import { config } from '~/process/config.server.ts';
import type { Caller, OpenEvents, SidecarEvents } from '~/sidecar-client/sidecar-http.server.ts';
import { sidecar } from '~/sidecar-client/sidecar.server.ts';

export type SharedFormat = 'html' | 'md' | 'json';

/**
 * The secret and the format in a URL: `/s/<secret>`, `/s/<secret>.md`, or `/s/<secret>?format=md`. Throws `not_found` if the secret
 * is malformed, or if public pages are switched off.
 */
export function sharedAddress({ params, request }: LoaderFunctionArgs): { secret: string; format: SharedFormat } {
  const [, name = '', suffix] = /^([^.]+)(?:\.(md|json))?$/.exec(params.secret ?? '') ?? [];
  const secret = shareSecretSchema.safeParse(name);
  if (!secret.success || config().shares === 'off') throw new RejoinError('not_found');
  const asked = suffix ?? new URL(request.url).searchParams.get('format');
  return { secret: secret.data, format: asked === 'md' || asked === 'json' ? asked : 'html' };
}

/** `counts`: true if this request counts as a read of the page. */
export const openShared = (reader: Caller, secret: string, { counts }: { counts: boolean }): Promise<SharedPage> =>
  sidecar().json(reader, sharedPageSchema, { method: 'POST', path: '/shared', body: { secret, counts } });

/**
 * Opens the answer that is being written at the end of a live page. The caller must read the body to its end, or
 * destroy the body.
 */
export const openSharedEvents = (
  reader: Caller,
  where: { secret: string; streamId: string; settings?: string | undefined },
  options: OpenEvents,
): Promise<SidecarEvents> => sidecar().open(reader, '/shared/events', { ...options, body: where });

export const copyShared = (
  caller: Caller,
  body: { secret: string; tag: string; forkId: string },
): Promise<ForkAnswer> =>
  sidecar().json(caller, forkAnswerSchema, { method: 'POST', path: '/shared/copies', body, timeoutMs: 30_000 });

/** Headers of everything that is served under the URL of a public page. */
export const SHARED_HEADERS: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, noarchive',
};
