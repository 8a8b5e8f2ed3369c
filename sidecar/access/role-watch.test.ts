import { expect, test, vi } from 'vitest';
import type { RoomChat, RoomLook } from '../store/rooms/room-store.ts';
import { StoreUnavailable } from '../store/streams/stream-store.ts';
import { createRoleWatch } from './role-watch.ts';

const CHAT = { ownerId: 'owner', chatId: 'chat' };

/** A room whose members a test can change through `has`. `read` watches a response to a person. */
function openRoom(members: string[]) {
  const has = new Set(members);
  const look = vi.fn(async (_chat: RoomChat, userIds: readonly string[]) => lookOf(userIds));
  const lookOf = (userIds: readonly string[]) =>
    ({
      roomId: 'room',
      members: new Map(userIds.filter((userId) => has.has(userId)).map((userId) => [userId, {}])),
    }) as unknown as RoomLook;
  const watch = createRoleWatch({ rooms: { look } });
  const cuts: string[] = [];
  const read = (userId: string, chat = CHAT) =>
    watch.watch({ chat, roomId: 'room', userId, cut: () => void cuts.push(userId) });
  return { watch, look, lookOf, has, cuts, read };
}

test('cuts each reader without a role once, and reads the roles of all readers of a chat in one call', async () => {
  const { watch, look, has, cuts, read } = openRoom(['ann', 'bob', 'cat']);
  for (const userId of ['ann', 'ann', 'bob', 'cat']) read(userId);
  await watch.checkAll();
  look.mockClear();
  has.delete('ann');
  await watch.checkAll();
  expect(cuts).toEqual(['ann', 'ann']);
  expect(look.mock.calls).toEqual([[CHAT, ['ann', 'bob', 'cat']]]);
  await watch.checkAll();
  expect(cuts).toEqual(['ann', 'ann']);
});

test('reads the role of each new reader, who may have lost the role just before the watch began', async () => {
  const { cuts, read } = openRoom([]);
  read('ann');
  await vi.waitFor(() => expect(cuts).toEqual(['ann']));
});

test('reads again if a role may have been taken away while the roles were being read', async () => {
  const { watch, look, lookOf, has, cuts, read } = openRoom(['ann']);
  const slow = Promise.withResolvers<void>();
  look.mockImplementationOnce(async (_chat, userIds) => {
    const before = lookOf(userIds);
    await slow.promise;
    return before;
  });
  read('ann');
  has.delete('ann');
  watch.check(CHAT);
  slow.resolve();
  await vi.waitFor(() => expect(cuts).toEqual(['ann']));
  expect(look).toHaveBeenCalledTimes(2);
});

test('cuts everybody when the chat is gone, or another chat has its id', async () => {
  const { watch, look, cuts, read } = openRoom(['ann']);
  look.mockResolvedValue(null as unknown as RoomLook);
  read('ann');
  await watch.checkAll();
  look.mockResolvedValue({ roomId: 'another', members: new Map([['bob', {}]]) } as unknown as RoomLook);
  read('bob');
  await watch.checkAll();
  expect(cuts).toEqual(['ann', 'bob']);
});

test('reads again soon if Redis was away, without waiting for the next regular check', async () => {
  vi.useFakeTimers();
  const { watch, look, has, cuts, read } = openRoom(['ann']);
  read('ann');
  await vi.advanceTimersByTimeAsync(0);
  has.delete('ann');
  look.mockRejectedValueOnce(new StoreUnavailable('away')).mockRejectedValueOnce(new StoreUnavailable('away'));
  watch.check(CHAT);
  await vi.advanceTimersByTimeAsync(1000);
  expect(cuts).toEqual([]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(cuts).toEqual(['ann']);
  look.mockClear();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(look).not.toHaveBeenCalled();
  vi.useRealTimers();
});

test('cuts nobody while Redis is away, and nobody who has left', async () => {
  const { watch, look, has, cuts, read } = openRoom(['ann', 'bob']);
  const leave = read('ann');
  read('bob');
  await watch.checkAll();
  look.mockRejectedValueOnce(new StoreUnavailable('away'));
  await watch.checkAll();
  expect(cuts).toEqual([]);
  leave();
  has.clear();
  await watch.checkAll();
  expect(cuts).toEqual(['bob']);
  look.mockClear();
  await watch.checkAll();
  expect(look).not.toHaveBeenCalled();
});
