import { keyOfChat, type RoomChat, type RoomStore } from '../store/rooms/room-store.ts';

/** A response to a person who may read it only as long as they have a role in the chat. */
export interface Watched {
  chat: RoomChat;
  roomId: string;
  userId: string;
  /** Called once, when the role is gone. */
  cut(): void;
}

/**
 * Cuts the responses of members whose role was taken away (PROTOCOL.md 5.9). The roles are read when a response begins, when a
 * change of roles in the chat is announced, and every few seconds, because an announcement may be lost. One call reads the roles
 * of all members that this process serves in a chat.
 */
export interface RoleWatch {
  /** Returns the function that ends the watch. */
  watch(watched: Watched): () => void;
  /** Reads the roles in this chat again. Does nothing if this process serves none of its members. */
  check(chat: RoomChat): void;
  /** Reads the roles in all chats again. Resolves when that is done. */
  checkAll(): Promise<void>;
}

interface Room {
  chat: RoomChat;
  watched: Set<Watched>;
  /** The timer that reads the roles again after a failed read; `null` if no such timer runs. */
  retry: NodeJS.Timeout | null;
  reading: Promise<void> | null;
  /** True if the roles must be read once more. */
  isStale: boolean;
}

/** While Redis is away, the roles are read again after this time. */
const RETRY_MS = 1000;

export function createRoleWatch({ rooms }: { rooms: Pick<RoomStore, 'look'> }): RoleWatch {
  const watchedRooms = new Map<string, Room>();

  async function readOnce({ chat, watched }: Room): Promise<void> {
    const before = [...watched];
    const look = await rooms.look(chat, [...new Set(before.map(({ userId }) => userId))]);
    for (const one of before) {
      const hasRole = look?.roomId === one.roomId && look.members.has(one.userId);
      // A response that has ended in the meantime is not cut.
      if (!hasRole && watched.delete(one)) one.cut();
    }
  }

  /** A role may have been taken away while the roles were being read, so a call during a read causes another read. */
  function read(room: Room): Promise<void> {
    room.isStale = true;
    room.reading ??= (async () => {
      try {
        while (room.isStale && room.watched.size > 0) {
          room.isStale = false;
          await readOnce(room).catch(() => retryLater(room));
        }
      } finally {
        room.reading = null;
        forget(room);
      }
    })();
    return room.reading;
  }

  function retryLater(room: Room): void {
    room.retry ??= setTimeout(() => {
      room.retry = null;
      if (room.watched.size > 0) void read(room);
    }, RETRY_MS).unref();
  }

  function forget(room: Room): void {
    if (room.watched.size === 0 && room.reading === null) watchedRooms.delete(keyOfChat(room.chat));
  }

  return {
    watch(watched) {
      const key = keyOfChat(watched.chat);
      const { ownerId, chatId } = watched.chat;
      const room: Room = watchedRooms.get(key) ?? {
        chat: { ownerId, chatId },
        watched: new Set(),
        retry: null,
        reading: null,
        isStale: false,
      };
      watchedRooms.set(key, room);
      room.watched.add(watched);
      // The access check read the role before this response was registered. If the role was taken away in between, the
      // announcement of that change did not reach this response.
      void read(room);
      return () => {
        room.watched.delete(watched);
        forget(room);
      };
    },
    check(chat) {
      const room = watchedRooms.get(keyOfChat(chat));
      if (room) void read(room);
    },
    async checkAll() {
      await Promise.all([...watchedRooms.values()].map(read));
    },
  };
}
