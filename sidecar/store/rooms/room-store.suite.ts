import { setTimeout as delay } from 'node:timers/promises';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { MemberRole } from '../../../shared/chat/rooms.ts';
import { randomId } from '../../../testing/sample-stream.ts';
import type { ChatStore } from '../chats/chat-store.ts';
import { MAX_BARRED, type NewInvite } from './room-store.ts';

const NOW = '2026-11-22T10:00:00.000Z';

/** Tests every promise about invites, joins and members, and that nobody can write with a role that was taken away. */
export function roomStoreSuite(name: string, makeStore: (settings: { ttlMs: number }) => Promise<ChatStore>): void {
  /** A chat with the question q1, whose answer is being written by the stream s1. */
  async function openChat() {
    const store = await makeStore({ ttlMs: 60_000 });
    const [ownerId, chatId, newRoomId] = [randomId('owner'), randomId('chat'), randomId('room')];
    const chat = { ownerId, chatId };
    const { rooms } = store;
    const message = (id: string, parentId: string | null = null) => ({
      id,
      role: 'user' as const,
      parts: [{ type: 'text', text: id }],
      parentId,
      createdAt: NOW,
    });
    const point = (streamId: string, seen: string | null, id: string, member: string | null = null) =>
      store.point({
        userId: ownerId,
        chatId,
        seen,
        streamId,
        title: 'T',
        instructions: undefined,
        messages: [message(id)],
        member,
      });
    const enqueue = (n: number, member: string | null, interrupts = false) =>
      store.enqueue({
        userId: ownerId,
        chatId,
        messageId: `a${n}`,
        streamId: `s${n}`,
        modelId: 'm',
        fingerprint: 'f',
        questionId: `q${n}`,
        question: message(`q${n}`),
        after: 'newest',
        instructions: undefined,
        createdAt: NOW,
        interrupts,
        maxWaiting: 0,
        maxMessages: 0,
        member,
      });
    await point('s1', null, 'q1');
    const invite = async (fields: Partial<NewInvite> = {}, place = chat) => {
      const inviteId = randomId('i');
      const made = await rooms.invite(place, {
        inviteId,
        tokenHash: createHash('sha256').update(inviteId).digest('hex'),
        role: 'editor',
        livesMs: 60_000,
        maxUses: 1,
        newRoomId,
        ownerName: undefined,
        maxInvites: 0,
        ...fields,
      });
      return { inviteId, made };
    };
    const join = (inviteId: string, userId: string, fields: { onlyViewer?: boolean; maxMembers?: number } = {}) =>
      rooms.join({
        ...chat,
        inviteId,
        userId,
        name: `Name of ${userId}`,
        isGuest: fields.onlyViewer ?? false,
        onlyViewer: false,
        maxMembers: 0,
        ...fields,
      });
    /** Makes a new invite, and lets somebody join with it. Returns the id of this person. */
    const member = async (role: MemberRole) => {
      const userId = randomId('user');
      await join((await invite({ role })).inviteId, userId);
      return userId;
    };
    const remove = (userId: string, bars = true) =>
      rooms.remove({ ...chat, userId, roomId: newRoomId, by: ownerId, bars });
    const change = (fields: { userId: string; role?: MemberRole; name?: string; guestsMayEdit?: boolean }) =>
      rooms.change({ ...chat, guestsMayEdit: false, by: ownerId, ...fields });
    const roleOf = async (userId: string) => (await rooms.look(chat, [userId]))!.members.get(userId)?.role;
    return { store, rooms, chat, roomId: newRoomId, point, enqueue, invite, join, member, remove, change, roleOf };
  }

  describe(`${name}: an invite`, () => {
    test('makes its chat a room, unless the chat is one already, and is found by the hash of its token', async () => {
      const { rooms, chat, roomId, invite, store } = await openChat();
      expect(await rooms.look(chat, [])).toBeNull();
      const first = await invite({ ownerName: 'Ada', tokenHash: 'hash-1' });
      const second = await invite({ newRoomId: 'other' });
      expect([first.made, second.made]).toMatchObject([{ roomId }, { roomId }]);
      expect(await rooms.find(roomId)).toEqual(chat);
      expect(await rooms.find('other')).toBeNull();
      expect(await rooms.placeOf('hash-1')).toEqual({ ...chat, inviteId: first.inviteId });
      expect(await rooms.placeOf('hash-2')).toBeNull();
      expect(await store.head(chat.ownerId, chat.chatId)).toMatchObject({ roomId, people: 1, ownerName: 'Ada' });
      expect((await invite({}, { ...chat, chatId: 'none' })).made).toBeNull();
    });

    test('can be used only as often as it allows, even if many people join at the same time', async () => {
      const { rooms, chat, invite, join, store } = await openChat();
      for (const maxUses of [1, 3]) {
        const { inviteId } = await invite({ maxUses });
        const joined = await Promise.all(Array.from({ length: 50 }, () => join(inviteId, randomId('user'))));
        expect(joined.filter(({ what }) => what === 'joined')).toHaveLength(maxUses);
        expect(joined.filter(({ what }) => what === 'over')).toHaveLength(50 - maxUses);
      }
      expect((await rooms.people(chat))!.members).toHaveLength(4);
      expect((await store.head(chat.ownerId, chat.chatId))!.people).toBe(5);
      expect(await rooms.invites(chat)).toEqual([]);
    });

    test('is not used up by somebody who is in the room already, nor by the owner', async () => {
      const { rooms, chat, roomId, invite, join } = await openChat();
      const { inviteId } = await invite({ maxUses: 2 });
      const same = await Promise.all(Array.from({ length: 10 }, () => join(inviteId, 'ann')));
      expect(same.filter(({ what }) => what === 'joined')).toHaveLength(1);
      expect(await join(inviteId, 'ann')).toEqual({ what: 'again', role: 'editor', roomId });
      expect(await join(inviteId, chat.ownerId)).toEqual({ what: 'again', role: 'owner', roomId });
      expect(await rooms.invites(chat)).toMatchObject([{ inviteId, maxUses: 2, uses: 1, role: 'editor' }]);
      await join(inviteId, 'bob');
      expect(await join(inviteId, 'ann')).toMatchObject({ what: 'again' });
    });

    test('shows the chat that it leads to, without being used up', async () => {
      const { rooms, chat, roomId, invite, join } = await openChat();
      const { inviteId, made } = await invite({ role: 'viewer', ownerName: 'Ada' });
      const place = { ...chat, inviteId };
      const shown = { roomId, role: 'viewer', title: 'T', ownerName: 'Ada', messages: 1, members: 0 };
      for (let i = 0; i < 3; i++)
        expect(await rooms.invited(place, 'ann')).toEqual({
          ...shown,
          what: 'open',
          expiresAt: (made as { expiresAt: number }).expiresAt,
        });
      expect(await rooms.invited(place, chat.ownerId)).toMatchObject({ what: 'joined' });
      await join(inviteId, 'ann');
      expect(await rooms.invited(place, 'ann')).toEqual({ ...shown, what: 'joined', expiresAt: 0, members: 1 });
      expect(await rooms.invited(place, 'bob')).toEqual({ what: 'over' });
    });

    test('ends when it expires, when it or all invites are revoked, and when its chat is deleted', async () => {
      const { store, rooms, chat, invite, join } = await openChat();
      const short = await invite({ livesMs: 1, maxUses: 9, tokenHash: 'expired' });
      // Wait until `short` has expired. In Redis, the next `invite` then deletes `short`.
      await delay(2);
      const [one, two, three] = [await invite(), await invite(), await invite({ tokenHash: 'deleted' })];
      await expect.poll(() => join(short.inviteId, randomId('late')).then(({ what }) => what)).toBe('over');
      expect((await rooms.invites(chat))!.map(({ inviteId }) => inviteId)).toEqual(
        [one, two, three].map((i) => i.inviteId),
      );
      // The token is still known, so that it gives another error than an unknown token.
      expect(await rooms.placeOf('expired')).toMatchObject(chat);
      expect(await rooms.revoke(chat, { inviteId: one.inviteId })).toBe(1);
      expect(await rooms.revoke(chat, { inviteId: one.inviteId })).toBe(0);
      expect(await join(one.inviteId, 'ann')).toEqual({ what: 'over' });
      expect(await rooms.revoke(chat, 'all')).toBe(2);
      expect(await join(two.inviteId, 'ann')).toEqual({ what: 'over' });
      const last = await invite();
      await store.delete(chat.ownerId, chat.chatId);
      expect(await join(last.inviteId, 'ann')).toEqual({ what: 'over' });
      expect(await rooms.revoke(chat, 'all')).toBeNull();
      expect(await rooms.invites(chat)).toBeNull();
      expect(await rooms.placeOf('deleted')).toMatchObject(chat);
    });

    test('is not made if there are too many invites, and nobody joins if there are too many members', async () => {
      const { invite, join } = await openChat();
      expect((await invite({ maxInvites: 2, maxUses: 9 })).made).toMatchObject({});
      const { inviteId } = await invite({ maxInvites: 2, maxUses: 9 });
      expect((await invite({ maxInvites: 2 })).made).toBe('full');
      const joined = await Promise.all(['a', 'b', 'c', 'd'].map((user) => join(inviteId, user, { maxMembers: 2 })));
      expect(joined.map(({ what }) => what).sort()).toEqual(['full', 'full', 'joined', 'joined']);
    });

    test('gives the role of viewer to somebody who may not edit, even if it gives others the role of editor', async () => {
      const { invite, join, change, roleOf } = await openChat();
      await join((await invite()).inviteId, 'guest', { onlyViewer: true });
      expect(await roleOf('guest')).toBe('viewer');
      expect(await change({ userId: 'guest', role: 'editor' })).toBe('guest');
      expect(await roleOf('guest')).toBe('viewer');
      expect(await change({ userId: 'guest', role: 'editor', guestsMayEdit: true })).toMatchObject({ role: 'editor' });
    });
  });

  describe(`${name}: members`, () => {
    test('are listed in the order in which they joined, and can be renamed, given another role and removed', async () => {
      const { rooms, chat, roomId, member, change, remove, store } = await openChat();
      const [ann, bob] = [await member('editor'), await member('viewer')];
      const people = async () =>
        (await rooms.people(chat))!.members.map(({ userId, role, name }) => [userId, role, name]);
      expect(await people()).toEqual([
        [ann, 'editor', `Name of ${ann}`],
        [bob, 'viewer', `Name of ${bob}`],
      ]);
      const before = (await store.head(chat.ownerId, chat.chatId))!.v;
      expect(await change({ userId: ann, name: 'Ann "A" ☕' })).toMatchObject({ role: 'editor', name: 'Ann "A" ☕' });
      expect(await change({ userId: bob, role: 'editor' })).toMatchObject({ role: 'editor', name: `Name of ${bob}` });
      expect(await change({ userId: 'nobody', role: 'editor' })).toBeNull();
      expect(await remove(ann)).toBe(true);
      expect(await remove(ann)).toBe(false);
      expect(await people()).toEqual([[bob, 'editor', `Name of ${bob}`]]);
      expect(await store.head(chat.ownerId, chat.chatId)).toMatchObject({ people: 2, roomId, v: before + 3 });
    });

    test('can come back with an old invite after they left, but need a new one after they were removed', async () => {
      const { invite, join, remove } = await openChat();
      const { inviteId } = await invite({ maxUses: 9 });
      for (const user of ['ann', 'bob']) await join(inviteId, user);
      await remove('ann');
      await remove('bob', false);
      expect(await join(inviteId, 'ann')).toEqual({ what: 'over' });
      expect(await join(inviteId, 'bob')).toMatchObject({ what: 'joined' });
      expect(await join((await invite()).inviteId, 'ann')).toMatchObject({ what: 'joined' });
    });

    test('who have left can come back, even if somebody tries to remove them afterwards', async () => {
      const { invite, join, remove } = await openChat();
      const { inviteId } = await invite({ maxUses: 9 });
      await join(inviteId, 'ann');
      await remove('ann', false);
      expect(await remove('ann')).toBe(false);
      expect(await join(inviteId, 'ann')).toMatchObject({ what: 'joined' });
    });

    test('who became viewers cannot leave and come back as editors with an old invite', async () => {
      const { invite, join, remove, change, roleOf } = await openChat();
      const [editors, viewers] = [
        (await invite({ maxUses: 9 })).inviteId,
        (await invite({ role: 'viewer', maxUses: 9 })).inviteId,
      ];
      await join(editors, 'ann');
      await change({ userId: 'ann', role: 'viewer' });
      expect(await join(editors, 'ann')).toMatchObject({ what: 'again', role: 'viewer' });
      await remove('ann', false);
      expect(await join(editors, 'ann')).toEqual({ what: 'over' });
      expect(await join(viewers, 'ann')).toMatchObject({ what: 'joined', role: 'viewer' });
      await remove('ann', false);
      expect(await join((await invite()).inviteId, 'ann')).toMatchObject({ what: 'joined' });
      expect(await roleOf('ann')).toBe('editor');
    });

    test('who were removed are refused by an old invite, up to a maximum number of people; then the invite ends', async () => {
      const { rooms, chat, invite, join, remove } = await openChat();
      const { inviteId } = await invite({ maxUses: 50 });
      const open = async () => (await rooms.invites(chat))!.map((one) => one.inviteId);
      for (let i = 0; i < MAX_BARRED; i++) {
        const userId = `user-${i}`;
        await join((await invite()).inviteId, userId);
        await remove(userId);
      }
      // An attempt to remove somebody who was never in the room does not bar them from the invite.
      expect(await remove('zoe')).toBe(false);
      expect(await open()).toEqual([inviteId]);
      expect(await join(inviteId, 'user-0')).toEqual({ what: 'over' });
      expect(await join(inviteId, 'zoe')).toMatchObject({ what: 'joined' });
      await remove('zoe');
      expect(await open()).toEqual([]);
      expect(await join(inviteId, 'ann')).toEqual({ what: 'over' });
    });

    test('have a list of their rooms, without the rooms that they left or that were deleted', async () => {
      const rooms = [await openChat(), await openChat(), await openChat()];
      const user = randomId('user');
      for (const { invite, join } of rooms) await join((await invite({ ownerName: 'Ada' })).inviteId, user);
      // Each chat has its own store. In Redis, every store returns all three rooms. In memory, each store returns only its own room.
      const listed = async () => (await Promise.all(rooms.map((one) => one.rooms.roomsOf(user)))).flat();
      const ids = async () => new Set((await listed()).map(({ roomId }) => roomId));
      expect(await ids()).toEqual(new Set(rooms.map(({ roomId }) => roomId)));
      expect((await listed())[0]).toMatchObject({ title: 'T', role: 'editor', ownerName: 'Ada', stream: 's1' });
      const [left, deleted, kept] = rooms as [(typeof rooms)[0], (typeof rooms)[0], (typeof rooms)[0]];
      await left.remove(user);
      await deleted.store.delete(deleted.chat.ownerId, deleted.chat.chatId);
      expect(await ids()).toEqual(new Set([kept.roomId]));
      await kept.rooms.list(user, kept.roomId);
      expect(await ids()).toEqual(new Set([kept.roomId]));
    });

    test('have no role in a chat that was deleted and made again', async () => {
      const { store, chat, member, point, rooms, roomId } = await openChat();
      const ann = await member('editor');
      await store.delete(chat.ownerId, chat.chatId);
      await point('s2', null, 'q2');
      expect(await rooms.look(chat, [ann])).toBeNull();
      expect((await rooms.people(chat))!.members).toEqual([]);
      expect((await rooms.roomsOf(ann)).filter((room) => room.roomId === roomId)).toEqual([]);
    });
  });

  describe(`${name}: a member’s role is read again in the step that writes`, () => {
    test.each([
      { how: 'removed', code: 'not_found' },
      { how: 'demoted', code: 'role_required' },
    ] as const)('a member who was $how after the access check writes nothing', async ({ how, code }) => {
      const { store, chat, member, remove, change, point, enqueue } = await openChat();
      const ann = await member('editor');
      expect(await enqueue(2, ann)).toMatchObject({ what: 'queued' });
      if (how === 'removed') await remove(ann);
      else await change({ userId: ann, role: 'viewer' });
      const before = await store.head(chat.ownerId, chat.chatId);
      const queue = (how: Parameters<ChatStore['changeQueue']>[2]) =>
        store.changeQueue(chat.ownerId, chat.chatId, how, ann);
      for (const write of [
        () => point('s9', 's1', 'q9', ann),
        () => enqueue(9, ann),
        () => enqueue(2, ann),
        () => queue({ what: 'remove', messageId: 'a2' }),
        () => queue({ what: 'first', messageId: 'a2' }),
        () => queue({ what: 'move', messageId: 'a2', place: 1 }),
        () => queue({ what: 'discard' }),
      ])
        await expect(write()).rejects.toMatchObject({ code });
      expect(await store.head(chat.ownerId, chat.chatId)).toEqual(before);
      expect((await store.queue(chat.ownerId, chat.chatId))!.turns.map(({ messageId }) => messageId)).toEqual(['a2']);
    });

    test.each(['removed', 'demoted'] as const)('waiting questions of a %s member get no answer', async (how) => {
      const { store, chat, member, remove, change, enqueue } = await openChat();
      const [ann, bob] = [await member('editor'), await member('editor')];
      await enqueue(2, ann);
      await enqueue(3, bob);
      await enqueue(4, ann);
      if (how === 'removed') await remove(ann);
      else await change({ userId: ann, role: 'viewer' });
      const { ownerId, chatId } = chat;
      const settle = (n: number) => {
        const about = { parts: [], parentId: `q${n}`, createdAt: NOW, status: 'completed' as const };
        return store.settle(ownerId, chatId, `s${n}`, { id: `a${n}`, role: 'assistant', ...about }, n > 1);
      };
      await settle(1);
      expect((await store.head(ownerId, chatId))!.stream).toBe('s3');
      await settle(3);
      expect(await store.queue(ownerId, chatId)).toMatchObject({ stream: null, turns: [], isPaused: false });
      const outline = await store.outline(ownerId, chatId, ['q2', 'q3', 'q4']);
      expect([...outline!.places.keys()]).toEqual(['q3']);
    });

    test('an editor can ask, put any turn to the front, and otherwise change only their own turns; the owner can change all', async () => {
      const { store, chat, member, point, enqueue } = await openChat();
      const [ann, bob] = [await member('editor'), await member('editor')];
      await enqueue(2, ann);
      await enqueue(3, bob);
      await enqueue(4, null);
      const change = (how: Parameters<ChatStore['changeQueue']>[2], who: string | null) =>
        store.changeQueue(chat.ownerId, chat.chatId, how, who);
      const refused = { code: 'role_required' };
      for (const messageId of ['a3', 'a4']) {
        await expect(change({ what: 'remove', messageId }, ann)).rejects.toMatchObject(refused);
        await expect(change({ what: 'move', messageId, place: 1 }, ann)).rejects.toMatchObject(refused);
        const question = { id: 'q', role: 'user' as const, parts: [], createdAt: NOW };
        await expect(change({ what: 'edit', messageId, question }, ann)).rejects.toMatchObject(refused);
      }
      expect(await change({ what: 'first', messageId: 'a3' }, ann)).toMatchObject({ isDone: true });
      expect(await change({ what: 'discard' }, ann)).toMatchObject({ removed: ['a2'] });
      expect(await change({ what: 'remove', messageId: 'a3' }, null)).toMatchObject({ removed: ['a3'] });
      expect((await store.queue(chat.ownerId, chat.chatId))!.turns.map(({ messageId }) => messageId)).toEqual(['a4']);
      await change({ what: 'discard' }, null);
      await store.unpoint(chat.ownerId, chat.chatId, 's1');
      expect(await point('s5', null, 'q5', ann)).toMatchObject({ at: 's5' });
    });
  });

  test(`${name}: joins are counted for each person and each address`, async () => {
    const { rooms } = await openChat();
    const [userId, address] = [randomId('user'), randomId('address')];
    expect(await rooms.countJoin({ userId })).toBe(1);
    expect(await rooms.countJoin({ userId })).toBe(2);
    expect(await rooms.countJoin({ address })).toBe(1);
  });
}
