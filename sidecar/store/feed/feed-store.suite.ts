import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../../testing/eventually.ts';
import { randomId } from '../../../testing/sample-stream.ts';
import type { ChatStore } from '../chats/chat-store.ts';
import type { RoomChat } from '../rooms/room-store.ts';
import { HERE_MS, TYPING_MS, type FeedStore, type PresenceChange, type Ring } from './feed-store.ts';

const NOW = '2026-11-22T10:00:00.000Z';

/**
 * Every promise of {@link FeedStore}, as tests that any store must pass. `age` makes the open pages of a room `ms` older, so that
 * the tests need not wait until the pages lapse.
 */
export function feedStoreSuite(
  name: string,
  open: () => Promise<{ feeds: FeedStore; chats: ChatStore; age(room: RoomChat, ms: number): Promise<void> }>,
): void {
  async function openRoom() {
    const opened = await open();
    const { chats, feeds } = opened;
    const [ownerId, chatId] = [randomId('user'), randomId('chat')];
    const [bob, cyn] = [randomId('bob'), randomId('cyn')];
    const chat = { ownerId, chatId };
    const message = (id: string) => ({ id, role: 'user' as const, parts: [], createdAt: '' });
    const point = (streamId: string, member: string | null = null) =>
      chats.point({
        userId: ownerId,
        chatId,
        seen: null,
        streamId,
        title: 'T',
        instructions: undefined,
        messages: [{ ...message(`q-${streamId}`), parentId: null }],
        member,
      });
    const settle = (streamId: string) =>
      chats.settle(ownerId, chatId, streamId, {
        ...message(`a-${streamId}`),
        role: 'assistant',
        parentId: `q-${streamId}`,
        status: 'completed',
      });
    await point('s1');
    await settle('s1');
    for (const [userId, personName] of [
      [bob, 'Bob'],
      [cyn, 'Cyn'],
    ] as const) {
      const inviteId = randomId('invite');
      await chats.rooms.invite(chat, {
        inviteId,
        tokenHash: randomId('hash'),
        role: 'editor',
        livesMs: 60_000,
        maxUses: 1,
        newRoomId: 'a'.repeat(26),
        ownerName: 'Ann',
        maxInvites: 0,
      });
      await chats.rooms.join({
        ...chat,
        inviteId,
        userId,
        name: personName,
        maxMembers: 0,
        isGuest: false,
        onlyViewer: false,
      });
    }
    const remove = (userId: string) =>
      chats.rooms.remove({ ...chat, userId, roomId: 'a'.repeat(26), by: ownerId, bars: false });
    // Waits for the rings of the setup.
    await nextTurn();
    const rings: Ring[] = [];
    const unlisten = await feeds.listen(chat, (ring) => rings.push(ring));
    const here = (...changes: PresenceChange[]) => feeds.here(chat, changes, 'mine');
    const names = async (...changes: PresenceChange[]) =>
      (await here(...changes))!.here.map((one) => `${one.name} ${one.tab}${one.typing ? ' types' : ''}`).sort();
    const heard = async (expected: string[]) => {
      const seen = () => rings.map((ring) => (ring.kind === 'change' ? `${ring.what} ${ring.by ?? '-'}` : ring.kind));
      await eventually(expected.join(), () => seen().length >= expected.length);
      expect(seen()).toEqual(expected);
      rings.length = 0;
    };
    return { ...opened, ...chat, chat, remove, bob, cyn, point, settle, here, names, heard, rings, unlisten, message };
  }
  const tab = (userId: string, id = 't') => ({ userId, tab: id });

  describe(`${name}: the feed of a room`, () => {
    test('rings for each change that members see; the ring says what changed and who changed it; the version rises by 1', async () => {
      const room = await openRoom();
      const { chats, ownerId, chatId, bob, cyn, point, settle, heard, here, message, unlisten, rings, remove } = room;
      const before = (await here())!.v;
      await point('s2', bob);
      const turn = {
        userId: ownerId,
        chatId,
        messageId: 'a3',
        streamId: 's3',
        modelId: 'm',
        fingerprint: 'f',
        questionId: 'q3',
        question: message('q3'),
        after: 'newest' as const,
        instructions: undefined,
        createdAt: '',
        interrupts: false,
        maxWaiting: 0,
        maxMessages: 0,
        member: bob,
      };
      await chats.enqueue(turn);
      await chats.enqueue(turn); // nothing has changed
      await chats.changeQueue(ownerId, chatId, { what: 'remove', messageId: 'a3' });
      await chats.say({ userId: ownerId, chatId, member: cyn, message: message('x'), after: 'newest', maxMessages: 0 });
      await settle('s2');
      await settle('s2'); // nothing has changed
      await chats.patch(ownerId, chatId, { title: 'Other' });
      await chats.patch(ownerId, chatId, { readAt: NOW, pinnedAt: NOW });
      await chats.noteFork(ownerId, { chatId, messageId: 'q-s1', forkId: 'f1' });
      await chats.noteFork(ownerId, { chatId, messageId: 'q-s1', forkId: 'f1' }); // nothing has changed
      await remove(cyn);
      await point('s4');
      await chats.unpoint(ownerId, chatId, 's4');
      const versions = rings.flatMap((ring) => (ring.kind === 'change' ? [ring.v] : []));
      await heard([
        `turn ${bob}`,
        `queue ${bob}`,
        `queue ${ownerId}`,
        `turn ${cyn}`,
        'turn -',
        `title ${ownerId}`,
        `branches ${ownerId}`,
        `members ${ownerId}`,
        `turn ${ownerId}`,
        'turn -',
      ]);
      expect(versions).toEqual(versions.map((_v, i) => before + 1 + i));
      expect((await here())!.v).toBe(before + 10);
      await chats.delete(ownerId, chatId);
      await heard([`all ${ownerId}`]);
      expect(await here()).toBeNull();
      unlisten();
    });

    test('a chat without a room has a version, but sends no rings, and `here` returns null', async () => {
      const { feeds, chats } = await open();
      const chat = { ownerId: randomId('user'), chatId: randomId('chat') };
      const rings: Ring[] = [];
      const unlisten = await feeds.listen(chat, (ring) => rings.push(ring));
      await chats.point({
        userId: chat.ownerId,
        chatId: chat.chatId,
        seen: null,
        streamId: 's1',
        title: '',
        instructions: undefined,
        messages: [],
      });
      expect((await chats.head(chat.ownerId, chat.chatId))!.v).toBe(1);
      expect(await feeds.here(chat, [{ what: 'stay', ...tab(chat.ownerId) }], 'mine')).toBeNull();
      expect(rings).toEqual([]);
      unlisten();
    });

    test('lists the names and roles of the people who are here, and rings only when this list changes', async () => {
      const { ownerId, bob, names, heard, here } = await openRoom();
      const ann = { what: 'stay', ...tab(ownerId) } as const;
      expect(await names(ann, { what: 'stay', ...tab(bob, 'b1') })).toEqual(['Ann t', 'Bob b1']);
      await heard(['here']);
      expect(await names(ann, { what: 'stay', ...tab(bob, 'b1') })).toEqual(['Ann t', 'Bob b1']);
      expect(await names({ what: 'stay', ...tab(bob, 'b2') })).toEqual(['Ann t', 'Bob b1', 'Bob b2']);
      await heard(['here']);
      const now = (await here(ann))!;
      expect(now.here.find(({ userId }) => userId === ownerId)).toMatchObject({ role: 'owner', name: 'Ann' });
      expect(now.nextLapseMs).toBeGreaterThan(HERE_MS - 10_000);
      expect(now.nextLapseMs).toBeLessThanOrEqual(HERE_MS);
    });

    test('a page that leaves is removed immediately, unless another process has sent a later `stay` for it', async () => {
      const { bob, names, here, heard } = await openRoom();
      const { until } = (await here({ what: 'stay', ...tab(bob) }))!;
      await heard(['here']);
      await new Promise((resolve) => setTimeout(resolve, 5));
      const later = (await here({ what: 'stay', ...tab(bob) }))!;
      expect(later.until).toBeGreaterThan(until);
      expect(await names({ what: 'leave', ...tab(bob), until })).toEqual(['Bob t']);
      expect(await names({ what: 'leave', ...tab(bob), until: later.until })).toEqual([]);
      await heard(['here']);
    });

    test('a page lapses some time after its last `stay`, and typing lapses sooner; the next call of `here` then rings', async () => {
      const { chat, ownerId, bob, names, heard, age, here } = await openRoom();
      const stay = (userId: string) => ({ what: 'stay', ...tab(userId) }) as const;
      expect(await names(stay(ownerId), stay(bob), { what: 'type', ...tab(bob) })).toEqual(['Ann t', 'Bob t types']);
      expect((await here())!.nextLapseMs).toBeLessThanOrEqual(TYPING_MS);
      await heard(['here']);
      await age(chat, TYPING_MS + 1);
      expect(await names()).toEqual(['Ann t', 'Bob t']);
      await heard(['here']);
      await age(chat, HERE_MS - TYPING_MS - 1000);
      expect(await names(stay(ownerId))).toEqual(['Ann t', 'Bob t']);
      await age(chat, 1001);
      expect(await names()).toEqual(['Ann t']);
      await heard(['here']);
    });

    test('shows that a person types until `stopTyping`; a page that is not here cannot type', async () => {
      const { bob, cyn, names, heard } = await openRoom();
      expect(await names({ what: 'stopTyping', ...tab(bob) })).toEqual([]);
      expect(await names({ what: 'come', ...tab(bob) }, { what: 'type', ...tab(bob) })).toEqual(['Bob t types']);
      expect(await names({ what: 'stopTyping', ...tab(bob) })).toEqual(['Bob t']);
      await heard(['here', 'here']);
      expect(await names({ what: 'stopTyping', ...tab(cyn) })).toEqual(['Bob t']);
      expect(await names({ what: 'type', ...tab(cyn) })).toEqual(['Bob t']);
      await heard([]);
    });

    test('people without a role are not listed', async () => {
      const { ownerId, bob, names, remove } = await openRoom();
      const stranger = { what: 'stay', ...tab(randomId('stranger')) } as const;
      const [ann, bobs] = [
        { what: 'stay', ...tab(ownerId) },
        { what: 'stay', ...tab(bob) },
      ] as const;
      expect(await names(ann, bobs, stranger)).toEqual(['Ann t', 'Bob t']);
      await remove(bob);
      expect(await names(bobs)).toEqual(['Ann t']);
      expect(await names()).toEqual(['Ann t']);
    });

    test('keeps only some pages of a person who has very many', async () => {
      const { bob, names } = await openRoom();
      const tabs = Array.from({ length: 1200 }, (_, i) => ({ what: 'stay', ...tab(bob, `t${i}`) }) as const);
      const kept = await names(...tabs);
      expect(kept.length).toBeGreaterThanOrEqual(20);
      expect(kept.length).toBeLessThanOrEqual(64);
    });
  });
}
