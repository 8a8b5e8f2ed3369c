import { RejoinError } from '../../shared/errors.ts';
import type { Member, MemberPatch } from '../../shared/chat/rooms.ts';
import type { ChatStore } from '../store/chats/chat-store.ts';
import { roleRequired } from '../store/rooms/role-refusal.ts';
import { roleOf, type KeptMember, type RoomChat, type RoomStore } from '../store/rooms/room-store.ts';
import type { RoomSettings } from './room-settings.ts';

export interface RoomActor extends RoomChat {
  actorId: string;
}

/** Throws `not_found` if there is no such chat. */
export interface Members {
  /** The owner first, then the members in the order in which they joined. */
  list(chat: RoomChat): Promise<Member[]>;
  /** The owner may change the role of a member, and everybody may change their own name. Anything else throws. */
  change(actor: RoomActor, userId: string, patch: MemberPatch): Promise<Member>;
  /** The owner can remove every member, and members can remove themselves. Does nothing if there is no such member. */
  remove(actor: RoomActor, userId: string): Promise<void>;
  /** Leaves all rooms of others. */
  leaveAll(userId: string): Promise<void>;
}

export function createMembers({
  rooms,
  chats,
  settings,
  onRolesChanged,
  removeTurns,
}: {
  rooms: RoomStore;
  chats: Pick<ChatStore, 'patch'>;
  settings: Pick<RoomSettings, 'guestsMayEdit'>;
  /** Makes all sidecars cut the readers who may not read the chat any more. */
  onRolesChanged(chat: RoomChat): Promise<void>;
  /**
   * Removes the waiting turns of a person who may not ask any more. If this fails, the turns are dropped when their time comes
   * (settle.lua).
   */
  removeTurns(chat: RoomChat, userId: string): Promise<void>;
}): Members {
  const { guestsMayEdit } = settings;

  const shown = (member: KeptMember): Member => {
    const { userId, name, since } = member;
    return { userId, name, role: roleOf(member, guestsMayEdit), since };
  };

  async function renameOwner({ ownerId, chatId }: RoomChat, name: string): Promise<Member> {
    if (!(await chats.patch(ownerId, chatId, { ownerName: name }))) throw new RejoinError('not_found');
    return (await list({ ownerId, chatId }))[0]!;
  }

  async function list(chat: RoomChat): Promise<Member[]> {
    const people = await rooms.people(chat);
    if (people === null) throw new RejoinError('not_found');
    const { ownerName, createdAt, members } = people;
    return [{ userId: chat.ownerId, name: ownerName ?? '', role: 'owner', since: createdAt }, ...members.map(shown)];
  }

  /**
   * Throws `not_found` if the chat does not exist. If a member acts, the access check of the request has already found the chat. If
   * the owner acts, that check does not always look for the chat (`ChatAccess.roomId`).
   */
  async function assertExists({ actorId, ...chat }: RoomActor): Promise<void> {
    if (actorId === chat.ownerId && (await rooms.people(chat)) === null) throw new RejoinError('not_found');
  }

  async function left(chat: RoomChat, userId: string): Promise<void> {
    await onRolesChanged(chat);
    await removeTurns(chat, userId);
  }

  return {
    list,

    async change(actor, userId, { role, name }) {
      await assertExists(actor);
      const { actorId, ...chat } = placeOf(actor);
      const isOwner = actorId === chat.ownerId;
      if (role !== undefined && !isOwner) throw roleRequired('owner');
      if (name !== undefined && userId !== actorId)
        throw new RejoinError('role_required', { detail: 'Everybody chooses their own name.' });
      if (userId === chat.ownerId) {
        if (role !== undefined)
          throw new RejoinError('invalid_request', { detail: 'The owner of a chat stays its owner.' });
        return renameOwner(chat, name!);
      }
      const changed = await rooms.change({ ...chat, userId, role, name, guestsMayEdit, by: actorId });
      if (changed === null) throw new RejoinError('not_found');
      if (changed === 'guest')
        throw new RejoinError('invalid_request', {
          detail: 'Guests can only read in rooms of others, unless the sidecar has GUESTS_MAY_EDIT=1.',
        });
      if (role !== undefined) await onRolesChanged(chat);
      if (role === 'viewer') await removeTurns(chat, userId);
      return shown(changed);
    },

    async remove(actor, userId) {
      await assertExists(actor);
      const { actorId, ...chat } = placeOf(actor);
      const isOwner = actorId === chat.ownerId;
      if (!isOwner && userId !== actorId) throw roleRequired('owner');
      if (userId === chat.ownerId)
        throw new RejoinError('invalid_request', { detail: 'The owner cannot leave a chat. Delete it instead.' });
      const people = await rooms.look(chat, []);
      if (people === null) return;
      const { roomId } = people;
      if (await rooms.remove({ ...chat, userId, roomId, by: actorId, bars: isOwner })) await left(chat, userId);
    },

    async leaveAll(userId) {
      for (const { roomId } of await rooms.roomsOf(userId)) {
        const chat = await rooms.find(roomId);
        if (chat && (await rooms.remove({ ...chat, userId, roomId, by: userId, bars: false })))
          await left(chat, userId);
      }
    },
  };
}

/** Keeps only the fields of a `RoomActor`. Callers pass a `ChatAccess`, which has more fields. */
const placeOf = ({ ownerId, chatId, actorId }: RoomActor): RoomActor => ({ ownerId, chatId, actorId });
