import { EventEmitter } from 'node:events';
import { keyOfChat, type RoomChat } from '../rooms/room-store.ts';
import type { Ring } from './feed-store.ts';

export interface MemoryBell {
  ring(chat: RoomChat, ring: Ring): void;
  listen(chat: RoomChat, onRing: (ring: Ring) => void): () => void;
}

export function createMemoryBell(): MemoryBell {
  const emitter = new EventEmitter().setMaxListeners(0);
  return {
    // Listeners are called after the change is complete, as they are with Redis.
    ring: (chat, ring) => void setImmediate(() => emitter.emit(keyOfChat(chat), ring)),
    listen(chat, onRing) {
      emitter.on(keyOfChat(chat), onRing);
      return () => void emitter.off(keyOfChat(chat), onRing);
    },
  };
}
