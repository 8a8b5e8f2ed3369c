import { createCounter } from '../limits/reader-limit.ts';
import type { FeedStore, RoomNow, Tab } from '../store/feed/feed-store.ts';
import { keyOfChat, type RoomChat } from '../store/rooms/room-store.ts';
import { createRoomFeed, type Feed, type RoomFeed } from './room-feed.ts';

export interface FeedLimits {
  /** Maximum number of open feeds of one person at this process; 0: no limit. */
  perUser: number;
  /** Maximum number of open feeds of one room at this process; 0: no limit. */
  perRoom: number;
}

/** The feeds of all rooms that this process serves (PROTOCOL.md 5.10). */
export interface Feeds {
  /** Counts a feed as open. Returns the function that stops counting it. Throws `too_many_readers`. */
  admit(chat: RoomChat, userId: string): () => void;
  /**
   * Sends to the feed the list of the people who have the room open, and from then on all changes. Throws `not_found` if the chat
   * has no room (any more), or if the person has no role in the room.
   *
   * @param after the version (`v`) that the chat had when the page last read it. If the chat has a different version now, a change
   *   is sent
   */
  enter(chat: RoomChat, feed: Feed, after: number | null): Promise<void>;
  /** Removes a closed feed. The person leaves the list of people who have the room open, unless another page of theirs is open. */
  leave(chat: RoomChat, feed: Feed): void;
  /** Must be called when everything that was sent to the feed has left this process. */
  drained(chat: RoomChat, feed: Feed): void;
  /** Notes that a person is typing or has stopped. Resolves to `null` if the chat has no room (any more). */
  type(chat: RoomChat, tab: Tab, isTyping: boolean): Promise<RoomNow | null>;
  readonly count: number;
}

export function createFeeds({ store, limits }: { store: FeedStore; limits: FeedLimits }): Feeds {
  const rooms = new Map<string, RoomFeed>();
  const feedsOfUser = createCounter(
    limits.perUser,
    (limit) => `You have ${limit} pages of rooms open, the maximum. Close some tabs and try again.`,
  );
  const feedsOfRoom = createCounter(
    limits.perRoom,
    (limit) => `This room is open in ${limit} pages, the maximum. Close one and try again.`,
  );
  let count = 0;
  store.onReturn(() => {
    for (const room of rooms.values()) room.lookSoon();
  });

  function roomOf(chat: RoomChat): RoomFeed {
    const key = keyOfChat(chat);
    const known = rooms.get(key);
    if (known) return known;
    const room: RoomFeed = createRoomFeed({
      store,
      chat,
      onEmpty() {
        if (rooms.get(key) === room) rooms.delete(key);
      },
    });
    rooms.set(key, room);
    return room;
  }

  return {
    admit(chat, userId) {
      feedsOfUser.assertRoom(userId);
      feedsOfRoom.assertRoom(keyOfChat(chat));
      const leave = [feedsOfUser.add(userId), feedsOfRoom.add(keyOfChat(chat))];
      count += 1;
      return () => {
        count -= 1;
        for (const one of leave) one();
      };
    },
    enter: (chat, feed, after) => roomOf(chat).enter(feed, after),
    leave: (chat, feed) => rooms.get(keyOfChat(chat))?.leave(feed),
    drained: (chat, feed) => rooms.get(keyOfChat(chat))?.drained(feed),
    async type(chat, { userId, tab }, isTyping) {
      // The feed of the page may be at another sidecar, which may not have stored the page yet. So `come` adds the page first.
      // The end of typing adds no page, because the page may have left.
      const changes = isTyping
        ? ([
            { what: 'come', userId, tab },
            { what: 'type', userId, tab },
          ] as const)
        : ([{ what: 'stopTyping', userId, tab }] as const);
      return (await rooms.get(keyOfChat(chat))?.change(changes)) ?? store.here(chat, changes, 'typing');
    },
    get count() {
      return count;
    },
  };
}
