import { randomUUID } from 'node:crypto';
import type { RoomChange } from '../../shared/chat/rooms.ts';
import { RejoinError } from '../../shared/errors.ts';
import {
  entryOf,
  type FeedStore,
  type PresenceChange,
  type Ring,
  type RoomNow,
  type Tab,
} from '../store/feed/feed-store.ts';
import type { RoomChat } from '../store/rooms/room-store.ts';
import { changeEvent, hereEvent, joined, peopleIn } from './feed-events.ts';

/** One open feed: a page to which changes are sent. */
export interface Feed extends Tab {
  /** True if the feed can take more events. False if earlier events are still waiting in this process. */
  readonly hasRoom: boolean;
  send(events: string): void;
  /** Cuts the connection, so that the page connects again. */
  cut(): void;
}

/** All feeds of one room in this process. The feeds share one subscription, and read the store together. */
export interface RoomFeed {
  /** Throws `not_found` if the chat is gone or has no room, or if the person has no role in it. */
  enter(feed: Feed, after: number | null): Promise<void>;
  leave(feed: Feed): void;
  /** Must be called when everything that was sent to the feed has left this process. */
  drained(feed: Feed): void;
  /** Stores who is here and who types. Resolves to the state of the room after the changes; `null` if the room is gone. */
  change(changes: readonly PresenceChange[]): Promise<RoomNow | null>;
  /** Reads the store soon. Called when a lost connection to Redis is back, because notifications may have been missed. */
  lookSoon(): void;
}

/** The presence of all feeds of a room is renewed at this interval: less than half of `HERE_MS`, after which presence lapses. */
export const REFRESH_MS = 10_000;
/** A reader gets at most one `change` event and one `here` event in this time. */
const TOGETHER_MS = 100;
/** After a failed read of the store, the next one comes after this time. */
const RETRY_MS = 1000;
/** A reader is cut if it could not take new events for longer than this. */
const STUCK_MS = 30_000;
/** The next read of the store comes this long after a presence entry lapses, so that it never comes just before the lapse. */
const LAPSE_SLACK_MS = 20;

interface Reader {
  feed: Feed;
  /** The version that was sent last. */
  v: number;
  /** The list of people that was sent last, as JSON. */
  list: string;
  /** Since when events could not be sent because earlier ones still wait in this process; `null` if the reader is up to date. */
  behindSince: number | null;
}

export function createRoomFeed({
  store,
  chat,
  onEmpty,
}: {
  store: FeedStore;
  chat: RoomChat;
  onEmpty(): void;
}): RoomFeed {
  /** Notifications of presence changes carry this word, so that this process recognizes and ignores its own notifications. */
  const word = randomUUID().slice(0, 8);
  const readers = new Map<Feed, Reader>();
  /** The feeds whose presence is renewed. Includes feeds that are still entering and are not in `readers` yet. */
  const present = new Set<Feed>();
  let v = 0;
  let list = '[]';
  /** When the presence of the feeds in `present` lapses, by the clock of the store. */
  let until = 0;
  let pending: RoomChange | null = null;
  let sentAt = 0;
  let sending: NodeJS.Timeout | null = null;
  let next: { timer: NodeJS.Timeout; at: number } | null = null;
  let isOver = false;

  const subscribed = store.listen(chat, onRing);
  subscribed.catch(() => {
    /* `enter` waits for the subscription, and throws its error */
  });

  // ── Reads of the store, one after the other. A read serves all callers that asked for it before it began. ──

  let queued: { changes: PresenceChange[]; done: Promise<RoomNow | null> } | null = null;
  let latest: Promise<unknown> = Promise.resolve();

  function look(changes: readonly PresenceChange[] = []): Promise<RoomNow | null> {
    if (queued === null) {
      const mine: { changes: PresenceChange[]; done: Promise<RoomNow | null> } = {
        changes: [],
        done: latest.then(run),
      };
      queued = mine;
      latest = mine.done.catch(() => {});
    }
    queued.changes.push(...changes);
    return queued.done;
  }

  async function run(): Promise<RoomNow | null> {
    const { changes } = queued!;
    queued = null;
    cancelNext();
    const stays = new Map([...present].map((feed) => [entryOf(feed), feed]));
    // A page that has left and has come back since is not removed.
    const others = changes.filter((change) => change.what !== 'leave' || !stays.has(entryOf(change)));
    const all = [
      ...others.map((change) => (change.what === 'leave' ? { ...change, until } : change)),
      ...[...stays.values()].map(({ userId, tab }) => ({ what: 'stay' as const, userId, tab })),
    ];
    try {
      const now = await store.here(chat, all, word);
      apply(now);
      return now;
    } catch (error) {
      lookWithin(RETRY_MS);
      throw error;
    }
  }

  function cancelNext(): void {
    if (next !== null) clearTimeout(next.timer);
    next = null;
  }

  /** Plans the next read of the store after this time, unless an earlier read is planned. */
  function lookWithin(ms: number): void {
    const at = Date.now() + ms;
    if (isOver || present.size === 0 || (next !== null && next.at <= at)) return;
    cancelNext();
    const timer = setTimeout(() => {
      look().catch(() => {
        /* `run` has planned another try */
      });
    }, ms);
    timer.unref();
    next = { timer, at };
  }

  const lookSoon = () => lookWithin(TOGETHER_MS);

  function apply(now: RoomNow | null): void {
    if (now === null) {
      // The room is gone. The pages connect again and get `not_found`. For feeds that are still entering, `enter`
      // throws `not_found`.
      for (const feed of [...readers.keys()]) feed.cut();
      return;
    }
    until = now.until;
    const people = JSON.stringify(peopleIn(now.here));
    if (people !== list) {
      list = people;
      sendSoon();
    }
    if (now.v > v) {
      // The notification of the new version says what has changed, and may still be on its way. If the notification does not
      // come in time, `missed` tells the readers that anything may have changed.
      if (readers.size === 0) v = now.v;
      else setTimeout(() => missed(now.v), TOGETHER_MS).unref();
    }
    const roles = new Set(now.here.map(({ userId }) => userId));
    for (const { feed } of readers.values()) if (!roles.has(feed.userId)) feed.cut();
    cutStuck();
    lookWithin(Math.max(0, Math.min(REFRESH_MS, (now.nextLapseMs ?? REFRESH_MS) + LAPSE_SLACK_MS)));
  }

  function missed(version: number): void {
    if (version > v) changed({ v: version, what: 'all', by: null });
  }

  function cutStuck(): void {
    const now = Date.now();
    for (const { feed, behindSince } of readers.values())
      if (behindSince !== null && now - behindSince > STUCK_MS) feed.cut();
  }

  // ── What is sent ──

  function onRing(ring: Ring): void {
    switch (ring.kind) {
      case 'unknown':
        return lookSoon();
      case 'here':
        if (ring.word !== word) lookSoon();
        return;
      case 'change': {
        const { kind: _kind, ...change } = ring;
        if (change.v <= v) return;
        changed(change.v === v + 1 ? change : { ...change, what: 'all', by: null });
        // Names and roles may have changed, or the chat is gone.
        if (change.what === 'members' || change.what === 'all') lookSoon();
      }
    }
  }

  function changed(change: RoomChange): void {
    v = change.v;
    pending = joined(pending, change);
    sendSoon();
  }

  /** The first of several changes is sent immediately. The others are combined and sent a little later. */
  function sendSoon(): void {
    if (sending !== null) return;
    sending = setTimeout(sendNow, Math.max(0, sentAt + TOGETHER_MS - Date.now()));
    sending.unref();
  }

  function sendNow(): void {
    sending = null;
    sentAt = Date.now();
    const change = pending;
    pending = null;
    for (const reader of readers.values()) tell(reader, change);
  }

  function tell(reader: Reader, change: RoomChange | null): void {
    if (!reader.feed.hasRoom) {
      reader.behindSince ??= Date.now();
      return;
    }
    const isNew = change !== null && change.v > reader.v;
    if (isNew) reader.v = change.v;
    const isListNew = reader.list !== list;
    reader.list = list;
    const events = (isNew ? changeEvent(change) : '') + (isListNew ? hereEvent(list) : '');
    if (events !== '') reader.feed.send(events);
  }

  function giveUpIfEmpty(): void {
    if (present.size > 0 || isOver) return;
    isOver = true;
    cancelNext();
    if (sending !== null) clearTimeout(sending);
    subscribed.then(
      (unlisten) => unlisten(),
      () => {},
    );
    onEmpty();
  }

  return {
    async enter(feed, after) {
      present.add(feed);
      let now: RoomNow | null;
      try {
        await subscribed;
        now = await look();
        if (!now?.here.some(({ userId }) => userId === feed.userId)) throw new RejoinError('not_found');
      } catch (error) {
        present.delete(feed);
        giveUpIfEmpty();
        throw error;
      }
      // The feed has left while it was entering.
      if (now === null || !present.has(feed)) return;
      readers.set(feed, { feed, v: now.v, list, behindSince: null });
      const missedSome = after !== null && after !== now.v;
      feed.send((missedSome ? changeEvent({ v: now.v, what: 'all', by: null }) : '') + hereEvent(list, now.v));
    },

    leave(feed) {
      readers.delete(feed);
      if (!present.delete(feed)) return;
      const { userId, tab } = feed;
      look([{ what: 'leave', userId, tab, until: 0 }])
        .catch(() => {
          /* the presence entry of the page lapses by itself */
        })
        .finally(giveUpIfEmpty);
    },

    drained(feed) {
      const reader = readers.get(feed);
      if (!reader || reader.behindSince === null || !feed.hasRoom) return;
      reader.behindSince = null;
      tell(reader, { v, what: 'all', by: null });
    },

    change: (changes) => look(changes),
    lookSoon,
  };
}
