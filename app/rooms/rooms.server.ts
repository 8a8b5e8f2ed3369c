import { z } from 'zod';
import { RejoinError } from '../../shared/errors.ts';
import { idSchema } from '../../shared/ids.ts';
import {
  inviteAnswerSchema,
  inviteListSchema,
  inviteTokenSchema,
  invitationSchema,
  joinAnswerSchema,
  memberListSchema,
  memberSchema,
  roomListSchema,
  type Invitation,
  type Invite,
  type InviteAnswer,
  type InviteRequest,
  type JoinAnswer,
  type Member,
  type MemberPatch,
  type Presence,
  type RoomSummary,
  type SayRequest,
} from '../../shared/chat/rooms.ts';
import type { Caller, SidecarEvents } from '~/sidecar-client/sidecar-http.server.ts';
import { sidecar } from '~/sidecar-client/sidecar.server.ts';

/** The sidecar's endpoints for rooms. `ref`: the id of a chat of the caller, or `~<roomId>`. */

const chatPath = (ref: string) => `/chats/${encodeURIComponent(ref)}`;
const memberPath = (ref: string, userId: string) => `${chatPath(ref)}/members/${encodeURIComponent(userId)}`;
const invitesPath = (ref: string) => `${chatPath(ref)}/invites`;

/** Everybody with a role in the chat, the owner first. */
export const listMembers = (caller: Caller, ref: string): Promise<Member[]> =>
  sidecar()
    .json(caller, memberListSchema, { method: 'GET', path: `${chatPath(ref)}/members` })
    .then(({ members }) => members);

/** The owner can change roles. Every member can change their own name. */
export const changeMember = (
  caller: Caller,
  ref: string,
  { userId, ...patch }: MemberPatch & { userId: string },
): Promise<Member> =>
  sidecar().json(caller, memberSchema, { method: 'PATCH', path: memberPath(ref, userId), body: patch });

/** The owner can remove any other member. The other members can only remove themselves, that is, leave the chat. */
export async function removeMember(caller: Caller, ref: string, userId: string): Promise<void> {
  await sidecar().send(caller, { method: 'DELETE', path: memberPath(ref, userId) });
}

/** Makes an invite. No later response contains its token. */
export const makeInvite = (caller: Caller, ref: string, request: InviteRequest): Promise<InviteAnswer> =>
  sidecar().json(caller, inviteAnswerSchema, { method: 'POST', path: invitesPath(ref), body: request });

/** The invites that can still be used, newest first. */
export const listInvites = (caller: Caller, ref: string): Promise<Invite[]> =>
  sidecar()
    .json(caller, inviteListSchema, { method: 'GET', path: invitesPath(ref) })
    .then(({ invites }) => invites);

/** Without `inviteId` all invites of the chat are revoked. */
export async function revokeInvites(caller: Caller, ref: string, inviteId?: string): Promise<void> {
  const path = inviteId === undefined ? invitesPath(ref) : `${invitesPath(ref)}/${encodeURIComponent(inviteId)}`;
  await sidecar().send(caller, { method: 'DELETE', path });
}

/** The chat that an invite leads to. Changes nothing. Throws `not_found` (unknown token) or `invite_over`. */
export const lookAtInvite = async (caller: Caller, token: string): Promise<Invitation> =>
  sidecar().json(caller, invitationSchema, {
    method: 'POST',
    path: '/joins/look',
    body: { token: knownForm(token) },
  });

export const joinRoom = async (caller: Caller, token: string, name: string): Promise<JoinAnswer> =>
  sidecar().json(caller, joinAnswerSchema, {
    method: 'POST',
    path: '/joins',
    body: { token: knownForm(token), name },
  });

/** Throws `not_found` for a text that cannot be a token, as the sidecar does for an unknown token. */
function knownForm(token: string): string {
  if (!inviteTokenSchema.safeParse(token).success) throw new RejoinError('not_found');
  return token;
}

/** The rooms of which the caller is a member, the most recently changed first. */
export const listRooms = (caller: Caller): Promise<RoomSummary[]> =>
  sidecar()
    .json(caller, roomListSchema, { method: 'GET', path: '/rooms' })
    .then(({ rooms }) => rooms);

export interface OpenFeed {
  /** The id of the page in the browser. Without this id, the sidecar makes a new one for each feed. */
  tab?: string | undefined;
  /** The last event id that the page knows. */
  after?: string | undefined;
  signal: AbortSignal;
}

/** Opens the feed of a room. The caller must read the body to its end, or destroy the body. */
export const openFeed = (caller: Caller, ref: string, { tab, ...options }: OpenFeed): Promise<SidecarEvents> =>
  sidecar().open(caller, `${chatPath(ref)}/events${tab === undefined ? '' : `?${new URLSearchParams({ tab })}`}`, {
    as: 'events',
    ...options,
  });

export async function tellPresence(caller: Caller, ref: string, presence: Presence): Promise<void> {
  await sidecar().send(caller, { method: 'POST', path: `${chatPath(ref)}/presence`, body: presence });
}

const saidSchema = z.object({ messageId: idSchema });

/** Adds a message without asking the model. `created`: false if the same request has already added it. */
export async function say(
  caller: Caller,
  ref: string,
  request: SayRequest,
): Promise<{ messageId: string; created: boolean }> {
  const { status, body } = await sidecar().send(caller, {
    method: 'POST',
    path: `${chatPath(ref)}/say`,
    body: request,
  });
  return { ...sidecar().parse(saidSchema, body), created: status === 201 };
}
