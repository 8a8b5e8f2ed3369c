import type { Room } from '../../../shared/chat/rooms.ts';

export interface May {
  /** True if the person may ask the model, write to the other people, regenerate, continue, edit and stop. */
  write: boolean;
  /** True if the person may begin a chat of their own at a message of this chat. */
  branch: boolean;
}

// Always the same objects, because a memoized message is rendered again when a property is a new object.
const EVERYTHING: May = { write: true, branch: true };
const READ: May = { write: false, branch: false };
const READ_AND_BRANCH: May = { write: false, branch: true };

/** `room`: `null` for a chat without members, which only its owner sees. */
export function mayIn(room: Pick<Room, 'role' | 'viewersMayBranch'> | null): May {
  if (room?.role !== 'viewer') return EVERYTHING;
  return room.viewersMayBranch ? READ_AND_BRANCH : READ;
}
