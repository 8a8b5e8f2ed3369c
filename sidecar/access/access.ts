import { RejoinError } from '../../shared/errors.ts';
import { mayAs, roomIdIn, roomRef, type Author, type Role } from '../../shared/chat/rooms.ts';
import { roleRequired } from '../store/rooms/role-refusal.ts';
import { roleOf, type RoomChat, type RoomLook, type RoomStore } from '../store/rooms/room-store.ts';
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
  /** True if viewers of this chat may fork it. */
  viewersFork: boolean;
}

export interface ChatAccess {
  /** The owner of the chat. The stores find the chat by `ownerId` and `chatId`. */
  ownerId: string;
  chatId: string;
  /** The chat id or `~<roomId>` of the request. The response names the chat in the same way. */
  ref: string;
  role: Role;
  actorId: string;
  /**
   * The room of the chat; `null` if the request named the actor's own chat by its id. In that case, nothing has checked that the
   * chat exists.
   */
  roomId: string | null;
  /** The member who acts; `null` if the owner acts. */
  member: ActingMember | null;
}

export interface StreamAccess {
  ownerId: string;
  /** An administrator acts for the owner of a stream. */
  role: Role | 'administrator';
  actorId: string;
  /** The chat of the stream, for a member of its room; `null` for the owner of the stream and for administrators. */
  chat: ChatAccess | null;
}

/**
 * The door: the only code that decides whether an actor may use a chat or a stream. Endpoints call the door before anything else,
 * and read or write only the data of the `ownerId` that the door returns. A chat or stream that the actor may not see causes the same
 * `not_found` as a chat or stream that does not exist. If the actor's role is too low, the door throws `role_required`.
 */
export interface Access {
  /**
   * @param ref how a request names a chat: the id of the actor's own chat, or `~<roomId>`. For the actor's own chat
   * nothing is read. If that chat does not exist, the caller's next read throws `not_found`.
   * @param needs the lowest role that may do what the request asks for
   */
  chat(actor: Actor, ref: string, needs?: Role): Promise<ChatAccess>;
  /**
   * Calls `use` for the owner of the stream. If the owner is not known yet, `use` is first called as if the actor were the owner,
   * which saves owners a read. If that call throws `not_found`, and the actor has a role in the chat of the stream, `use` is called
   * again for the owner of that chat. So `use` must change nothing before it throws `not_found`.
   */
  stream<T>(actor: Actor, streamId: string, needs: Role, use: (access: StreamAccess) => Promise<T>): Promise<T>;
}

export interface AccessOptions {
  rooms: Pick<RoomStore, 'find' | 'look'>;
  /** If false, every guest is a viewer, even guests who joined as editors while that was allowed. */
  guestsMayEdit: boolean;
  manager: Pick<StreamManager, 'ownerOf' | 'factsOf'>;
}

/** Maximum number of rooms, and of streams, whose chat is remembered. A room or stream never moves to another chat. */
const REMEMBERED = 10_000;

export function createAccess({ rooms, guestsMayEdit, manager }: AccessOptions): Access {
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

  /** The actor's access to this room; `null` if they have no role in it. */
  function asOneOf(room: RoomLook, chat: RoomChat, actor: Actor): ChatAccess | null {
    const { roomId, viewersFork } = room;
    const shared = { ...chat, ref: roomRef(roomId), actorId: actor.userId, roomId };
    if (chat.ownerId === actor.userId) return { ...shared, role: 'owner', member: null };
    const kept = room.members.get(actor.userId);
    if (!kept) return null;
    const { userId, name } = kept;
    const role = roleOf(kept, guestsMayEdit);
    return { ...shared, role, member: { userId, name, role, viewersFork } };
  }

  async function room(actor: Actor, roomId: string): Promise<ChatAccess | null> {
    const chat = await chatOfRoom(roomId);
    const look = chat && (await rooms.look(chat, [actor.userId]));
    // The remembered chat may have been deleted. If there is a new chat with the same id, its room is another one.
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

/** Editors may fork a room into chats of their own, viewers only if the owner allows it. */
export function assertMayBranch({ role, member }: ChatAccess): void {
  if (role === 'viewer' && !member?.viewersFork)
    throw new RejoinError('role_required', { detail: 'The owner of this chat does not let viewers branch from it.' });
}

export const queueOf = ({ ownerId, chatId, member }: ChatAccess): QueueOf => ({
  userId: ownerId,
  chatId,
  member: member?.userId ?? null,
});

/**
 * A request may name a chat in its path and in its body. Both must name the same one, so that nobody can pass the access
 * check with one id and use another.
 */
export function assertSameChat(inPath: string, inBody: string | undefined): void {
  if (inBody === undefined || inBody === inPath) return;
  throw new RejoinError('invalid_request', { detail: '"chatId" is not the chat that the path names.' });
}
