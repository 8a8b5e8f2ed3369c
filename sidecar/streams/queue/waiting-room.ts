import { setTimeout as delay } from 'node:timers/promises';
import { StoreUnavailable, type StreamStore } from '../../store/streams/stream-store.ts';
import type { ChatStore } from '../../store/chats/chat-store.ts';
import { placeOfTurn } from './turn-place.ts';

export interface WaitingReader {
  /** Called with each new place: 1 comes next, 0 is about to begin. */
  onPlace(place: number): void;
  readonly isClosed: boolean;
  /** Sets the function to call when this reader closes; `null` removes it. */
  onClose(listener: (() => void) | null): void;
}

/** `begun`: there is a log to read now. `gone`: there is no such stream any more. `left`: the reader left. */
export type WaitEnd = 'begun' | 'gone' | 'left';

/** How often a queue is read. There is a notification when a stream begins, but none when its turn moves up. */
const LOOK_MS = 1000;

/** The readers that wait for one turn. Elsewhere, `room` means a chat with several people; here it does not. */
interface Room {
  readers: Map<WaitingReader, { end(how: WaitEnd): void; fail(error: unknown): void }>;
  place: number | null;
}

/**
 * Holds the readers of turns that wait. The queue is read once a second for each turn, however many readers it has. If a turn
 * was chosen and no process has begun its stream, this process begins it.
 */
export function createWaitingRoom({
  store,
  chats,
  begin,
}: {
  store: Pick<StreamStore, 'meta' | 'listen' | 'wasAway'>;
  chats: Pick<ChatStore, 'queue'>;
  begin(streamId: string): void;
}) {
  const rooms = new Map<string, Room>();

  function empty(streamId: string, room: Room, end: WaitEnd): void {
    close(streamId, room);
    for (const reader of room.readers.values()) reader.end(end);
    room.readers.clear();
  }

  /** Removes the room, so that a reader that comes later gets a new one. */
  function close(streamId: string, room: Room): void {
    if (rooms.get(streamId) === room) rooms.delete(streamId);
  }

  function show(room: Room, place: number): void {
    if (room.place === place) return;
    room.place = place;
    for (const reader of room.readers.keys()) reader.onPlace(place);
  }

  async function look(streamId: string, room: Room): Promise<void> {
    const meta = await store.meta(streamId);
    if (meta === null) {
      if (!store.wasAway()) empty(streamId, room, 'gone');
      return;
    }
    if (meta.status !== 'queued') return empty(streamId, room, 'begun');
    const place = await placeOfTurn(chats, { userId: meta.userId, chatId: meta.chatId, streamId });
    // The turn was chosen, or it was removed and its stream has to end. `begin` handles both cases.
    if (place === null || place === 0) begin(streamId);
    if (place !== null) show(room, place);
  }

  async function watch(streamId: string, room: Room): Promise<void> {
    let ring = () => {};
    const unlisten = await store
      .listen(streamId, () => ring())
      .catch(() => () => {
        /* without notifications, the next look finds that the stream has begun */
      });
    try {
      while (room.readers.size > 0) {
        const rung = new Promise<void>((resolve) => (ring = resolve));
        await look(streamId, room).catch((error: unknown) => {
          if (!(error instanceof StoreUnavailable)) throw error;
        });
        if (room.readers.size > 0) await Promise.race([rung, delay(LOOK_MS)]);
      }
    } catch (error) {
      close(streamId, room);
      for (const reader of room.readers.values()) reader.fail(error);
      room.readers.clear();
    } finally {
      unlisten();
    }
  }

  return {
    /** Resolves when the stream has begun, has ended or is gone, or when the reader has left. */
    wait(streamId: string, reader: WaitingReader): Promise<WaitEnd> {
      return new Promise((resolve, reject) => {
        const known = rooms.get(streamId);
        const room = known ?? { readers: new Map(), place: null };
        const end = (how: WaitEnd) => {
          reader.onClose(null);
          resolve(how);
        };
        const fail = (error: unknown) => {
          reader.onClose(null);
          reject(error as Error);
        };
        room.readers.set(reader, { end, fail });
        rooms.set(streamId, room);
        if (room.place !== null) reader.onPlace(room.place);
        if (!known) void watch(streamId, room);
        reader.onClose(() => {
          room.readers.delete(reader);
          if (room.readers.size === 0) close(streamId, room);
          end('left');
        });
      });
    },
  };
}
export type WaitingRoom = ReturnType<typeof createWaitingRoom>;
