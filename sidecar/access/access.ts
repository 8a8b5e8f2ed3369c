import { RejoinError } from '../../shared/errors.ts';
import { mayAs, roomIdIn, roomRef, type Author, type Role } from '../../shared/rooms.ts';
import { roleRequired } from '../store/rooms/role-refusal.ts';
import type { RoomChat, RoomLook, RoomStore } from '../store/rooms/room-store.ts';
import type { QueueOf } from '../streams/queue/manage-queue.ts';
import type { StreamManager } from '../streams/stream-manager.ts';
import { createRecent } from './recent.ts';
import type { Watched } from './role-watch.ts';

/** The user for whom a request acts. */
export interface Actor {
  userId: string;
  isAdmin: boolean;
}

/** A member who acts in somebody else's chat. */
export interface ActingMember extends Author {
  role: Role;
  /** Viewers of this chat may branch from it. */
  viewersFork: boolean;
}

export interface ChatAccess {
  /** Whose chat it is. The stores know it by this person and `chatId`. */
  ownerId: string;
  chatId: string;
  /** The name that the request used. Answers name the chat by it. */
  ref: string;
  role: Role;
  actorId: string;
  /** The room that the request named; `null` if it named the actor's own chat, of which nothing was read. */
  roomId: string | null;
  /** The member who acts; `null` if it is the owner. */
  member: ActingMember | null;
}

export interface StreamAccess {
  ownerId: string;
  /** An administrator acts for the owner of a stream. */
  role: Role | 'administrator';
  actorId: string;
  /** The chat of the stream, as a member names it; `null` for its owner and for administrators, who use its own id. */
  chat: ChatAccess | null;
}

/**
 * The door: the only code that decides whether an actor may use a chat or a stream, and whose it is. Endpoints ask it
 * before anything else, and use only the `ownerId` that it answers. What an actor may not see does not exist for them:
 * `not_found`, with the same body as for something that never was. Members whose role is too small get `role_required`.
 */
export interface Access {
  /**
   * @param ref how a request names a chat: the id of the actor's own chat, or `~<roomId>`. For an own chat this reads nothing:
   * whatever is asked next answers `not_found` if there is none.
   * @param needs the smallest role that may do this
   */
  chat(actor: Actor, ref: string, needs?: Role): Promise<ChatAccess>;
  /**
   * Runs `use` for the owner of the stream. It first runs for the actor as the owner, so that owners pay for no extra read.
   * It runs again only if the actor has no such stream, but a role in the chat of somebody else's. It must therefore change
   * nothing before it answers `not_found`.
   */
  stream<T>(actor: Actor, streamId: string, needs: Role, use: (access: StreamAccess) => Promise<T>): Promise<T>;
}

export interface AccessOptions {
  rooms: RoomStore;
  manager: Pick<StreamManager, 'ownerOf' | 'factsOf'>;
}

/** Rooms and streams whose owner and chat are remembered. These never change. */
const REMEMBERED = 10_000;

export function createAccess({ rooms, manager }: AccessOptions): Access {
  const chatOfRoom = createRecent<RoomChat>({ size: REMEMBERED, find: (roomId) => rooms.find(roomId) });
  const chatOfStream = createRecent<RoomChat>({
    size: REMEMBERED,
    async find(streamId) {
      const facts = await manager.factsOf(streamId);
      return facts && { ownerId: facts.userId, chatId: facts.chatId };
    },
  });

  const own = (actor: Actor, chatId: string): ChatAccess => ({
    ownerId: actor.userId,
    chatId,
    ref: chatId,
    role: 'owner',
    actorId: actor.userId,
    roomId: null,
    member: null,
  });

  /** What the actor is in this room; `null` if they are nothing. */
  function asOneOf(room: RoomLook, chat: RoomChat, actor: Actor): ChatAccess | null {
    const { roomId, viewersFork } = room;
    const shared = { ...chat, ref: roomRef(roomId), actorId: actor.userId, roomId };
    if (chat.ownerId === actor.userId) return { ...shared, role: 'owner', member: null };
    const kept = room.members.get(actor.userId);
    if (!kept) return null;
    const { userId, name, role } = kept;
    return { ...shared, role, member: { userId, name, role, viewersFork } };
  }

  async function room(actor: Actor, roomId: string): Promise<ChatAccess | null> {
    const chat = await chatOfRoom(roomId);
    const look = chat && (await rooms.look(chat, [actor.userId]));
    // The chat may have been deleted, and another one made with its id.
    return look?.roomId === roomId ? asOneOf(look, chat!, actor) : null;
  }

  /** The access to a stream of somebody else. */
  async function toOthers(actor: Actor, chat: RoomChat | null, needs: Role): Promise<StreamAccess> {
    if (chat === null || chat.ownerId === actor.userId) throw notFound();
    const look = await rooms.look(chat, [actor.userId]);
    const access = look && asOneOf(look, chat, actor);
    const { ownerId, role, actorId } = assertRole(access, needs);
    return { ownerId, role, actorId, chat: access };
  }

  return {
    async chat(actor, ref, needs = 'owner') {
      const roomId = roomIdIn(ref);
      return roomId === null ? own(actor, ref) : assertRole(await room(actor, roomId), needs);
    },

    async stream(actor, streamId, needs, use) {
      const asOwner: StreamAccess = { ownerId: actor.userId, role: 'owner', actorId: actor.userId, chat: null };
      if (actor.isAdmin) {
        const ownerId = (await manager.ownerOf(streamId)) ?? actor.userId;
        return use(ownerId === actor.userId ? asOwner : { ...asOwner, ownerId, role: 'administrator' });
      }
      const known = chatOfStream.remembered(streamId);
      if (known !== null && known.ownerId !== actor.userId) return use(await toOthers(actor, known, needs));
      try {
        return await use(asOwner);
      } catch (error) {
        if (!(error instanceof RejoinError) || error.code !== 'not_found') throw error;
        return use(await toOthers(actor, await chatOfStream(streamId), needs));
      }
    },
  };
}

function assertRole(access: ChatAccess | null, needs: Role): ChatAccess {
  if (access === null) throw notFound();
  if (!mayAs(access.role, needs)) throw roleRequired(needs === 'owner' ? 'owner' : 'editor');
  return access;
}

const notFound = () => new RejoinError('not_found');

/** The member whose role decides how long a response stays open; `null` for the owner. */
export const watchedMember = ({ ownerId, chatId, roomId, member }: ChatAccess): Omit<Watched, 'cut'> | null =>
  member === null || roomId === null ? null : { chat: { ownerId, chatId }, roomId, userId: member.userId };

/** Editors may branch into their own chats, viewers only if the owner allows it. */
export function assertMayBranch({ role, member }: ChatAccess): void {
  if (role === 'viewer' && !member?.viewersFork)
    throw new RejoinError('role_required', { detail: 'The owner of this chat does not let viewers branch from it.' });
}

/** The queue of a chat, for the person who changes it. */
export const queueOf = ({ ownerId, chatId, member }: ChatAccess): QueueOf => ({
  userId: ownerId,
  chatId,
  member: member?.userId ?? null,
});

/**
 * A request may name a chat in its path and in its body. Both must name the same one, so that nobody can pass the door
 * with one id and use another.
 */
export function assertSameChat(inPath: string, inBody: string | undefined): void {
  if (inBody === undefined || inBody === inPath) return;
  throw new RejoinError('invalid_request', { detail: '"chatId" is not the chat that the path names.' });
}
