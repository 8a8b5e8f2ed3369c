import { RejoinError } from '../../shared/errors.ts';
import type { Invitation, JoinAnswer, MemberRole } from '../../shared/chat/rooms.ts';
import type { InvitePlace, RoomStore } from '../store/rooms/room-store.ts';
import { hashOf } from './invites.ts';
import type { RoomSettings } from './room-settings.ts';

/** Somebody with the token of an invite. */
export interface Visitor {
  userId: string;
  /** A guest's network address, as a keyed hash; `null` for people who are signed in. */
  address: string | null;
}

/**
 * Both calls throw `invite_over` if the visitor cannot use the invite any more. They throw `not_found` if the token was never given
 * out, or if the invite expired more than 30 days ago.
 */
export interface Joins {
  /** What the page of the invite shows to this visitor. Changes nothing. */
  look(visitor: Visitor, token: string): Promise<Invitation>;
  /** Safe to repeat. Throws `member_limit` and `rate_limited`. */
  join(visitor: Visitor, request: { token: string; name: string }): Promise<JoinAnswer>;
}

const WINDOW_SECONDS = 60;

export function createJoins({ rooms, settings }: { rooms: RoomStore; settings: RoomSettings }): Joins {
  const { members, roomsPerUser, joinsPerMinute, guestsMayEdit } = settings;
  const isOnlyViewer = ({ address }: Visitor) => address !== null && !guestsMayEdit;

  async function placeOf(token: string): Promise<InvitePlace> {
    const place = await rooms.placeOf(hashOf(token));
    if (place === null) throw new RejoinError('not_found');
    return place;
  }

  async function count({ userId, address }: Visitor): Promise<void> {
    if (joinsPerMinute === 0) return;
    const subjects = [{ userId }, ...(address === null ? [] : [{ address }])];
    const counts = await Promise.all(subjects.map((subject) => rooms.countJoin(subject)));
    if (Math.max(...counts) <= joinsPerMinute) return;
    throw new RejoinError('rate_limited', {
      detail: `At most ${joinsPerMinute} invitations can be accepted in a minute. Try again in a minute.`,
      retryAfterSeconds: WINDOW_SECONDS,
      rateLimit: { limit: joinsPerMinute, windowSeconds: WINDOW_SECONDS },
    });
  }

  async function assertRoomForOneMore({ userId }: Visitor): Promise<void> {
    if (roomsPerUser === 0 || (await rooms.roomsOf(userId)).length < roomsPerUser) return;
    throw new RejoinError('member_limit', {
      detail: `You are in ${roomsPerUser} chats of other people, the maximum. Leave one of them first.`,
    });
  }

  return {
    async look(visitor, token) {
      const place = await placeOf(token);
      const invited = await rooms.invited(place, visitor.userId);
      if (invited.what === 'over') throw new RejoinError('invite_over');
      const role: MemberRole = isOnlyViewer(visitor) ? 'viewer' : invited.role;
      return {
        title: invited.title,
        from: invited.ownerName,
        role,
        expiresAt: new Date(invited.expiresAt).toISOString(),
        messages: invited.messages,
        people: invited.members + 1,
        joined: invited.what === 'joined' ? invited.roomId : null,
      };
    },

    async join(visitor, { token, name }) {
      await count(visitor);
      const place = await placeOf(token);
      const before = await rooms.invited(place, visitor.userId);
      if (before.what === 'over') throw new RejoinError('invite_over');
      if (before.what === 'open') await assertRoomForOneMore(visitor);
      const joined = await rooms.join({
        ...place,
        userId: visitor.userId,
        name,
        isGuest: visitor.address !== null,
        onlyViewer: isOnlyViewer(visitor),
        maxMembers: members,
      });
      switch (joined.what) {
        case 'over':
          throw new RejoinError('invite_over');
        case 'full':
          throw new RejoinError('member_limit', {
            detail: `This chat has ${members} members, the maximum. Ask its owner to remove somebody.`,
          });
        default:
          return { roomId: joined.roomId, role: joined.role };
      }
    },
  };
}
