import { ROLES, type Present, type RoomChange } from '../../shared/chat/rooms.ts';
import type { HereEntry } from '../store/feed/feed-store.ts';

/** The text of a `change` event of a feed (PROTOCOL.md 5.10). */
export const changeEvent = (change: RoomChange): string =>
  `event: change\ndata: ${JSON.stringify(change)}\nid: ${change.v}\n\n`;

/**
 * The text of a `here` event of a feed. `here`: JSON of `Present[]`. `v`: the version of the chat, which becomes the id of the event.
 * Without `v`, the event has no id.
 */
export const hereEvent = (here: string, v?: number): string =>
  `event: here\ndata: ${here}\n${v === undefined ? '' : `id: ${v}\n`}\n`;

/** Each person once, even if they have several pages open: first the owner, then editors, then viewers. Each group is sorted by name. */
export function peopleIn(entries: readonly HereEntry[]): Present[] {
  const people = new Map<string, Present>();
  for (const { userId, name, role, typing } of entries) {
    const known = people.get(userId);
    people.set(userId, { userId, name, role, typing: typing || (known?.typing ?? false) });
  }
  return [...people.values()].sort(
    (a, b) =>
      ROLES.indexOf(b.role) - ROLES.indexOf(a.role) ||
      (a.name < b.name ? -1 : a.name > b.name ? 1 : 0) ||
      (a.userId < b.userId ? -1 : 1),
  );
}

/** Combines two changes into one. If they differ in `what`, the result has `all`; if they differ in `by`, it has `null`. */
export const joined = (first: RoomChange | null, second: RoomChange): RoomChange =>
  first === null
    ? second
    : {
        v: Math.max(first.v, second.v),
        what: first.what === second.what ? first.what : 'all',
        by: first.by === second.by ? first.by : null,
      };
