import { createHash, randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { RejoinError } from '../../shared/errors.ts';
import type { inviteRequestSchema, Invite, InviteAnswer } from '../../shared/chat/rooms.ts';
import type { KeptInvite, RoomChat, RoomStore } from '../store/rooms/room-store.ts';
import { newRoomId } from './room-id.ts';
import type { RoomSettings } from './room-settings.ts';

/** The invites of a chat, for its owner. Throws `not_found` if there is no such chat. */
export interface Invites {
  /** Makes an invite. The first one turns the chat into a room. Throws `member_limit` if the chat has too many usable invites. */
  create(chat: RoomChat, request: z.output<typeof inviteRequestSchema>): Promise<InviteAnswer>;
  /** The invites that can be used, the newest first. */
  list(chat: RoomChat): Promise<Invite[]>;
  /** Does nothing if there is no such invite. */
  revoke(chat: RoomChat, which: { inviteId: string } | 'all'): Promise<void>;
}

const TOKEN_BYTES = 32;
const ID_BYTES = 12;

export function createInvites({
  rooms,
  settings,
}: {
  rooms: RoomStore;
  settings: Pick<RoomSettings, 'invites'>;
}): Invites {
  return {
    async create(chat, { role, expiresIn, maxUses, name }) {
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      const inviteId = randomBytes(ID_BYTES).toString('base64url');
      const invited = await rooms.invite(chat, {
        inviteId,
        tokenHash: hashOf(token),
        role,
        livesMs: expiresIn * 1000,
        maxUses,
        newRoomId: newRoomId(),
        ownerName: name,
        maxInvites: settings.invites,
      });
      if (invited === null) throw new RejoinError('not_found');
      if (invited === 'full')
        throw new RejoinError('member_limit', {
          detail: `This chat has the maximum of ${settings.invites} invitations that can still be used. Revoke one of them first.`,
        });
      return { inviteId, token, roomId: invited.roomId };
    },

    async list(chat) {
      const invites = await rooms.invites(chat);
      if (invites === null) throw new RejoinError('not_found');
      return invites.reverse().map(shown);
    },

    async revoke(chat, which) {
      if ((await rooms.revoke(chat, which)) === null) throw new RejoinError('not_found');
    },
  };
}

/** What is stored instead of a token. A token has 256 random bits, so its hash needs neither salt nor stretching. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex');

const shown = ({ createdAt, expiresAt, ...invite }: KeptInvite): Invite => ({
  ...invite,
  createdAt: new Date(createdAt).toISOString(),
  expiresAt: new Date(expiresAt).toISOString(),
  // Invites that were revoked are not kept.
  revokedAt: null,
});
