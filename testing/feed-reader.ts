import type { Present, RoomChange } from '../shared/chat/rooms.ts';
import type { Caller } from './caller.ts';
import { openReader, type RawReader } from './raw-reader.ts';

/** A client of a room's feed. */
export interface FeedReader {
  readonly reader: RawReader;
  readonly changes: RoomChange[];
  /** The people in the latest `here` event. */
  readonly here: Present[];
  /** The names of the people in `here`, in the same order. `…` follows the name of somebody who types. */
  readonly names: string[];
  readonly lastId: string | undefined;
  /** Resolves when the condition holds. Checks the condition whenever data arrives. Rejects if the response ends first. */
  until(condition: (feed: FeedReader) => boolean): Promise<void>;
  leave(): void;
}

export function openFeed(
  caller: Caller,
  ref: string,
  { tab, lastEventId, after }: { tab?: string; lastEventId?: string; after?: string } = {},
): FeedReader {
  const query = new URLSearchParams({ ...(tab && { tab }), ...(after && { after }) });
  const reader = openReader(caller, { path: `/chats/${ref}/events?${query}` }, { lastEventId });
  const events = () =>
    reader.body
      .toString()
      .split('\n\n')
      .slice(0, -1)
      .map(
        (block) =>
          new Map(
            block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
          ),
      );
  const of = (name: string) => events().filter((event) => event.get('event') === name);
  const feed: FeedReader = {
    reader,
    get changes() {
      return of('change').map((event) => JSON.parse(event.get('data')!) as RoomChange);
    },
    get here() {
      return JSON.parse(of('here').at(-1)?.get('data') ?? '[]') as Present[];
    },
    get names() {
      return feed.here.map(({ name, typing }) => (typing ? `${name}…` : name));
    },
    get lastId() {
      return events()
        .findLast((event) => event.has('id'))
        ?.get('id');
    },
    until: (condition) => reader.until(() => condition(feed)),
    leave: () => reader.leave(),
  };
  return feed;
}
