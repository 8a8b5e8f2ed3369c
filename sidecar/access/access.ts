import { RejoinError } from '../../shared/errors.ts';
import type { StreamManager } from '../streams/stream-manager.ts';

/** The user for whom a request acts. */
export interface Actor {
  userId: string;
  isAdmin: boolean;
}

/** What an actor is in somebody's chat. Nobody but its owner has a role in it yet. */
export type Role = 'owner';

export interface ChatAccess {
  /** Whose chat it is. The stores know it by this person and `chatId`. */
  ownerId: string;
  chatId: string;
  role: Role;
}

export interface StreamAccess {
  ownerId: string;
  /** An administrator acts for the owner of a stream. */
  role: Role | 'administrator';
}

/**
 * The door: the only code that decides whether an actor may use a chat or a stream, and whose it is. Endpoints ask it
 * before anything else, and use only the `ownerId` that it answers. What an actor may not see does not exist for them:
 * `not_found`, with the same body as for something that never was.
 */
export interface Access {
  /** `ref`: how a request names a chat. For an owner this reads nothing. */
  chat(actor: Actor, ref: string): ChatAccess;
  /** Resolves even if there is no such stream: whatever is asked next answers `not_found`. */
  stream(actor: Actor, streamId: string): Promise<StreamAccess>;
}

export function createAccess({ manager }: { manager: Pick<StreamManager, 'ownerOf'> }): Access {
  return {
    chat: (actor, ref) => ({ ownerId: actor.userId, chatId: ref, role: 'owner' }),

    async stream(actor, streamId) {
      const owner = actor.isAdmin ? await manager.ownerOf(streamId) : null;
      if (owner === null || owner === actor.userId) return { ownerId: actor.userId, role: 'owner' };
      return { ownerId: owner, role: 'administrator' };
    },
  };
}

/**
 * A request may name a chat in its path and in its body. Both must name the same one, so that nobody can pass the door
 * with one id and use another.
 */
export function assertSameChat(inPath: string, inBody: string | undefined): void {
  if (inBody === undefined || inBody === inPath) return;
  throw new RejoinError('invalid_request', { detail: '"chatId" is not the chat that the path names.' });
}
