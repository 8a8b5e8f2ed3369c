import { expect, test, vi } from 'vitest';
import { RejoinError } from '../../shared/errors.ts';
import type { KeptMember, RoomLook } from '../store/rooms/room-store.ts';
import { createAccess, type StreamAccess } from './access.ts';

const ROOM = 'a'.repeat(26);
const CHAT = { ownerId: 'ann', chatId: 'c1' };
const person = (userId: string, isAdmin = false) => ({ userId, isAdmin });

/** Ann's chat c1 is a room. Its stream is s1. */
function openDoor({ members = [] as Partial<KeptMember>[], guestsMayEdit = false } = {}) {
  const find = vi.fn(async (roomId: string) => (roomId === ROOM ? CHAT : null));
  const look = vi.fn(async () => {
    const kept = members.map(
      (member) => [member.userId!, { name: 'N', isGuest: false, ...member } as KeptMember] as const,
    );
    return { roomId: ROOM, ownerName: 'Ann', viewersFork: false, members: new Map(kept) } satisfies RoomLook;
  });
  const factsOf = vi.fn(async (streamId: string) => (streamId === 's1' ? { userId: 'ann', chatId: 'c1' } : null));
  const ownerOf = vi.fn(async (streamId: string) => (await factsOf(streamId))?.userId ?? null);
  const access = createAccess({ rooms: { find, look }, guestsMayEdit, manager: { ownerOf, factsOf } });
  const use = vi.fn(async ({ ownerId, role, chat }: StreamAccess) => {
    if (ownerId !== 'ann') throw new RejoinError('not_found');
    return { role, ref: chat?.ref ?? null };
  });
  return { access, find, look, factsOf, ownerOf, use };
}

test('an owner gets access to a chat or a stream without a read from the stores', async () => {
  const { access, find, look, factsOf, use } = openDoor();
  expect(await access.chat(person('ann'), 'c1')).toMatchObject({ ...CHAT, ref: 'c1', role: 'owner', member: null });
  expect(await access.stream(person('ann'), 's1', 'editor', use)).toEqual({ role: 'owner', ref: null });
  expect(use).toHaveBeenCalledTimes(1);
  for (const read of [find, look, factsOf]) expect(read).not.toHaveBeenCalled();
});

test('the role of a member is read and checked each time, and the owner of the chat is read only once', async () => {
  const { access, find, look, factsOf, use } = openDoor({ members: [{ userId: 'bob', role: 'editor' }] });
  for (let i = 0; i < 3; i++) {
    expect(await access.chat(person('bob'), `~${ROOM}`, 'editor')).toMatchObject({
      ...CHAT,
      ref: `~${ROOM}`,
      role: 'editor',
      member: { userId: 'bob', name: 'N' },
    });
    expect(await access.stream(person('bob'), 's1', 'viewer', use)).toEqual({ role: 'editor', ref: `~${ROOM}` });
  }
  expect([find, factsOf, look].map(({ mock }) => mock.calls.length)).toEqual([1, 1, 6]);
  await expect(access.chat(person('bob'), `~${ROOM}`)).rejects.toMatchObject({ code: 'role_required' });
});

test('a call of `use` that throws anything but not_found is not tried again', async () => {
  const { access, factsOf } = openDoor();
  const use = vi.fn(async () => Promise.reject(new RejoinError('invalid_event_id')));
  await expect(access.stream(person('bob'), 's1', 'viewer', use)).rejects.toMatchObject({ code: 'invalid_event_id' });
  expect(use).toHaveBeenCalledTimes(1);
  expect(factsOf).not.toHaveBeenCalled();
});

test('every chat and stream that a person may not see is refused with the same not_found', async () => {
  const { access, use } = openDoor();
  const refused = [
    access.chat(person('eve'), `~${ROOM}`, 'viewer'),
    access.chat(person('eve'), `~${'b'.repeat(26)}`, 'viewer'),
    access.chat(person('eve', true), `~${ROOM}`, 'viewer'),
    access.stream(person('eve'), 's1', 'viewer', use),
    access.stream(person('eve'), 's2', 'viewer', use),
  ];
  const errors = await Promise.all(refused.map((one) => one.catch((error: unknown) => error as RejoinError)));
  for (const error of errors) expect(error).toMatchObject({ code: 'not_found', details: {} });
});

test('an administrator acts for the owner of a stream', async () => {
  const { access, use } = openDoor();
  expect(await access.stream(person('root', true), 's1', 'owner', use)).toEqual({ role: 'administrator', ref: null });
});

test('a guest who joined as an editor is a viewer once guests may not edit any more', async () => {
  const members = [{ userId: 'gil', role: 'editor' as const, isGuest: true }];
  const chat = (guestsMayEdit: boolean) =>
    openDoor({ members, guestsMayEdit }).access.chat(person('gil'), `~${ROOM}`, 'viewer');
  expect(await chat(true)).toMatchObject({ role: 'editor' });
  expect(await chat(false)).toMatchObject({ role: 'viewer' });
});
