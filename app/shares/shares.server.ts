import { roomIdIn } from '../../shared/chat/rooms.ts';
import {
  shareAnswerSchema,
  shareListSchema,
  shareSchema,
  type Share,
  type SharePatch,
  type ShareRequest,
} from '../../shared/chat/shares.ts';
import { publicAddress } from '~/http/public-address.server.ts';
import { config } from '~/process/config.server.ts';
import type { Caller } from '~/sidecar-client/sidecar-http.server.ts';
import { sidecar } from '~/sidecar-client/sidecar.server.ts';

const ofChat = (chatId: string): string => `/chats/${encodeURIComponent(chatId)}/shares`;
const path = (shareId: string): string => `/shares/${encodeURIComponent(shareId)}`;

/** A public page that was just made. No later response contains its URL. */
export type MadeShare = Share & { url: string };

export async function createShare(
  { caller, request, chatId }: { caller: Caller; request: Request; chatId: string },
  body: ShareRequest,
): Promise<MadeShare> {
  const { secret, ...share } = await sidecar().json(caller, shareAnswerSchema, {
    method: 'POST',
    path: ofChat(chatId),
    body,
  });
  return { ...share, url: publicAddress(request, `/s/${secret}`) };
}

/** All public pages of a person, newest first. */
export const listShares = (caller: Caller): Promise<Share[]> =>
  sidecar()
    .json(caller, shareListSchema, { method: 'GET', path: '/shares' })
    .then(({ shares }) => shares);

export const listSharesOfChat = (caller: Caller, chatId: string): Promise<Share[]> =>
  sidecar()
    .json(caller, shareListSchema, { method: 'GET', path: ofChat(chatId) })
    .then(({ shares }) => shares);

/** True if the caller's own chat has a public page. Always false for chats of others: only a chat's owner sees its public pages. */
export async function hasPublicPage(caller: Caller, ref: string): Promise<boolean> {
  if (config().shares === 'off' || roomIdIn(ref) !== null) return false;
  const shares = await listSharesOfChat(caller, ref).catch(() => []);
  return shares.length > 0;
}

export const getShare = (caller: Caller, shareId: string): Promise<Share> =>
  sidecar().json(caller, shareSchema, { method: 'GET', path: path(shareId) });

export const patchShare = (caller: Caller, shareId: string, body: SharePatch): Promise<Share> =>
  sidecar().json(caller, shareSchema, { method: 'PATCH', path: path(shareId), body });

export async function revokeShare(caller: Caller, shareId: string): Promise<void> {
  await sidecar().send(caller, { method: 'DELETE', path: path(shareId) });
}

export async function revokeSharesOfChat(caller: Caller, chatId: string): Promise<void> {
  await sidecar().send(caller, { method: 'DELETE', path: ofChat(chatId), timeoutMs: 30_000 });
}

export async function revokeShares(caller: Caller): Promise<void> {
  await sidecar().send(caller, { method: 'DELETE', path: '/shares', timeoutMs: 30_000 });
}
