import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { HERE_MS, type FeedStore, type PresenceChange, type Ring, type RoomNow } from '../store/feed/feed-store.ts';
import { createRoomFeed, REFRESH_MS, type Feed } from './room-feed.ts';

const chat = { ownerId: 'ann', chatId: 'c' };

/** The feeds of a room, with a fake store whose state the test sets. */
function openRoom() {
  const calls: PresenceChange[][] = [];
  let ring: (ring: Ring) => void = () => {};
  let hasEnded = false;
  const state = { v: 1, roles: new Set(['ann', 'bob']), isGone: false, isAway: false };
  const here = new Map<string, { userId: string; tab: string }>();
  const store: FeedStore = {
    onReturn: () => {},
    async listen(_chat, onRing) {
      ring = onRing;
      return () => void (hasEnded = true);
    },
    async here(_chat, changes): Promise<RoomNow | null> {
      calls.push([...changes]);
      if (state.isAway) throw new Error('away');
      if (state.isGone) return null;
      for (const { what, userId, tab } of changes) {
        if (what === 'stay') here.set(`${userId} ${tab}`, { userId, tab });
        if (what === 'leave') here.delete(`${userId} ${tab}`);
      }
      const entries = [...here.values()].filter(({ userId }) => state.roles.has(userId));
      return {
        v: state.v,
        until: Date.now() + HERE_MS,
        nextLapseMs: HERE_MS,
        here: entries.map((entry) => ({ ...entry, name: entry.userId, role: 'editor', typing: false })),
      };
    },
  };
  const ended = vi.fn();
  const room = createRoomFeed({ store, chat, onEmpty: ended });
  function page(userId: string, tab = 't') {
    const sent: string[] = [];
    const feed = { userId, tab, hasRoom: true, send: (events: string) => void sent.push(events), cut: vi.fn() };
    return {
      feed: feed satisfies Feed,
      sent,
      changes: () => sent.join('').match(/(?<=event: change\ndata: ).*/g) ?? [],
    };
  }
  const change = (what: 'turn' | 'queue' | 'members', by: string | null = 'bob') =>
    ring({ kind: 'change', v: ++state.v, what, by });
  return { room, page, state, calls, change, ring: (given: Ring) => ring(given), ended, hasEnded: () => hasEnded };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

test('a change whose notification was lost is sent after the next read of the store', async () => {
  const { room, page, state } = openRoom();
  const ann = page('ann');
  await room.enter(ann.feed, 1);
  state.v = 4;
  await pass(REFRESH_MS + 500);
  expect(ann.changes()).toEqual(['{"v":4,"what":"all","by":null}']);
});

test('changes in quick succession are combined into one, which says only what is true of all of them', async () => {
  const { room, page, change } = openRoom();
  const ann = page('ann');
  await room.enter(ann.feed, 1);
  await pass(1000);
  change('turn');
  await pass(1);
  change('queue');
  change('queue');
  await pass(200);
  change('turn');
  change('queue', 'ann');
  await pass(200);
  expect(ann.changes()).toEqual([
    '{"v":2,"what":"turn","by":"bob"}',
    '{"v":4,"what":"queue","by":"bob"}',
    '{"v":6,"what":"all","by":null}',
  ]);
});

test('a reader that stops reading gets one combined change when it reads again; a reader that never reads again is cut', async () => {
  const { room, page, change } = openRoom();
  const [ann, bob] = [page('ann'), page('bob')];
  await room.enter(ann.feed, null);
  await room.enter(bob.feed, null);
  await pass(1000);
  ann.feed.hasRoom = false;
  bob.feed.hasRoom = false;
  for (let i = 0; i < 20; i++) {
    change('turn');
    await pass(200);
  }
  expect([ann.changes(), bob.changes()]).toEqual([[], []]);
  ann.feed.hasRoom = true;
  room.drained(ann.feed);
  expect(ann.changes()).toEqual(['{"v":21,"what":"all","by":null}']);
  await pass(50_000);
  expect([ann.feed.cut.mock.calls.length, bob.feed.cut.mock.calls.length > 0]).toEqual([0, true]);
});

test('the feeds of a person who no longer has a role are cut; once the room is gone, all feeds are cut', async () => {
  const { room, page, state, change } = openRoom();
  const [ann, bob] = [page('ann'), page('bob')];
  await room.enter(ann.feed, null);
  await room.enter(bob.feed, null);
  state.roles.delete('bob');
  change('members');
  await pass(150);
  expect([ann.feed.cut.mock.calls.length, bob.feed.cut.mock.calls.length]).toEqual([0, 1]);
  await expect(room.enter(page('bob', 't2').feed, null)).rejects.toMatchObject({ code: 'not_found' });
  state.isGone = true;
  await pass(REFRESH_MS);
  expect(ann.feed.cut).toHaveBeenCalled();
});

test('presence is renewed for all pages in one call, and a failed call is soon repeated', async () => {
  const { room, page, calls, state } = openRoom();
  for (const tab of ['1', '2', '3']) await room.enter(page('ann', tab).feed, null);
  calls.length = 0;
  await pass(3 * REFRESH_MS + 500);
  expect(calls.map((changes) => changes.map(({ what }) => what))).toEqual(Array(3).fill(['stay', 'stay', 'stay']));
  state.isAway = true;
  await pass(REFRESH_MS);
  calls.length = 0;
  await pass(3000);
  expect(calls.length).toBe(3);
});

test('a page that leaves is removed, unless the same page is open again; when the last page leaves, all timers end', async () => {
  const { room, page, calls, ended, hasEnded } = openRoom();
  const [first, again] = [page('ann'), page('ann')];
  await room.enter(first.feed, null);
  await room.enter(again.feed, null);
  room.leave(first.feed);
  await pass(10);
  expect(calls.at(-1)).toEqual([{ what: 'stay', userId: 'ann', tab: 't' }]);
  const until = Date.now() - 10 + HERE_MS;
  room.leave(again.feed);
  await pass(10);
  expect(calls.at(-1)).toEqual([{ what: 'leave', userId: 'ann', tab: 't', until }]);
  expect(ended).toHaveBeenCalledOnce();
  await pass(0);
  expect(hasEnded()).toBe(true);
  await pass(10 * REFRESH_MS);
  expect(vi.getTimerCount()).toBe(0);
});
