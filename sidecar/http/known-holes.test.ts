import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { newId } from '../../testing/caller.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';
import { must, NOT_FOUND, openRoom, question, QUICK } from './testing/open-room.ts';

let bed: TestBed;
let sidecar: TestSidecar;
beforeAll(async () => {
  bed = await openTestBed({ env: { MAX_QUEUED: '10' } });
  sidecar = await bed.start();
});
afterAll(() => bed.close());

/** Security holes for which similar projects have published advisories. */
describe('never happens here:', () => {
  test('a request is checked by the chat id in its path, but acts on the chat id in its body', async () => {
    const { callers, ref, chatId } = await openRoom(sidecar);
    const { outsider, editor } = callers;
    const own = newId('chat');
    await outsider.startStream({ chatId: own, messageId: 'mine', modelId: QUICK });
    for (const other of [ref, chatId]) {
      const body = { forkId: newId('fork'), messageId: 'a1', chatId: other };
      expect((await outsider.call('POST', `/chats/${own}/forks`, { body })).body).toMatchObject({
        code: 'invalid_request',
      });
    }
    const body = { forkId: newId('fork'), messageId: 'a1', chatId };
    expect((await editor.call('POST', `/chats/${ref}/forks`, { body })).status).toBe(400);
  });

  test('a viewer or a guest, who may only read, changes a question, an answer, the title or the queue', async () => {
    const { callers, ref, snapshot } = await openRoom(sidecar);
    const before = await snapshot();
    for (const who of [callers.viewer, callers.guest]) {
      const answers = await Promise.all([
        who.start({ chatId: ref, messageId: 'a1', modelId: QUICK, parentId: null }),
        who.start({ chatId: ref, messageId: newId('m'), modelId: QUICK, whenBusy: 'interrupt' }),
        who.call('PATCH', `/chats/${ref}`, { body: { title: 'Mine' } }),
        who.call('PATCH', `/chats/${ref}/queue/a3`, { body: { text: 'Mine' } }),
        who.call('POST', `/chats/${ref}/queue`, { body: { action: 'send', messageId: 'a3' } }),
        who.call('POST', `/chats/${ref}/queue`, { body: { action: 'discard' } }),
      ]);
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
    }
    expect(await snapshot()).toEqual(before);
  });

  test('a start overwrites a stored message that has the same id, in the same chat or in a chat of others', async () => {
    const [room, other] = [await openRoom(sidecar), await openRoom(sidecar)];
    const before = [await room.snapshot(), await other.snapshot()];
    const { editor } = room.callers;
    const asked = { messages: [{ id: 'a1', role: 'user', content: 'Overwritten' }] };
    const again = await editor.call('POST', '/streams', {
      body: { ...question(room.ref), ...asked, messageId: 'a1' },
    });
    expect(again.status).toBeGreaterThanOrEqual(400);
    expect((await editor.call('POST', '/streams', { body: { ...question(room.ref), ...asked } })).status).toBe(400);
    expect((await editor.call('POST', '/streams', { body: { ...question(other.ref), ...asked } })).status).toBe(404);
    expect([await room.snapshot(), await other.snapshot()]).toEqual(before);
  });

  test('somebody without the right reads members, invites, queue or messages of a room, or finds a room of others by search', async () => {
    const { callers, ref } = await openRoom(sidecar);
    for (const who of [callers.outsider, callers.former, callers.administrator])
      for (const rest of ['/members', '/invites', '/queue', '/messages'])
        expect((await who.call('GET', `/chats/${ref}${rest}`)).text).toBe(NOT_FOUND);
    expect((await callers.editor.call('GET', `/chats/${ref}/invites`)).status).toBe(403);
    expect((await callers.editor.call('GET', '/search?q=Hello')).body).toMatchObject({ hits: [] });
  });

  test('a person gets back a role that was taken away, by leaving and joining with an earlier invite', async () => {
    const { callers, chatId, ref } = await openRoom(sidecar);
    const { owner, outsider } = callers;
    const invite = async (role: string) =>
      (await must<{ token: string }>(owner, 'POST', `/chats/${chatId}/invites`, { role, maxUses: 9 })).token;
    const [toEdit, toView] = [await invite('editor'), await invite('viewer')];
    const join = async (token: string) =>
      (await outsider.call<{ role?: string; code?: string }>('POST', '/joins', { body: { token, name: 'Zoe' } })).body;
    expect(await join(toEdit)).toMatchObject({ role: 'editor' });
    await must(owner, 'PATCH', `/chats/${chatId}/members/${outsider.userId}`, { role: 'viewer' });
    await must(outsider, 'DELETE', `/chats/${ref}/members/${outsider.userId}`);
    expect(await join(toEdit)).toMatchObject({ code: 'invite_over' });
    expect(await join(toView)).toMatchObject({ role: 'viewer' });
    await must(owner, 'DELETE', `/chats/${chatId}/members/${outsider.userId}`);
    for (const token of [toEdit, toView]) expect(await join(token)).toMatchObject({ code: 'invite_over' });
    expect(await join(await invite('editor'))).toMatchObject({ role: 'editor' });
  });

  test("a request to delete things in the caller's own chat, or all data of the caller, also deletes things of another room", async () => {
    const [room, own] = [await openRoom(sidecar), await openRoom(sidecar)];
    const before = await room.snapshot();
    const { owner } = own.callers;
    expect((await owner.call('DELETE', `/chats/${own.ref}/invites/${room.inviteId}`)).status).toBe(204);
    expect((await owner.call('DELETE', `/chats/${own.ref}/members/${room.callers.editor.userId}`)).status).toBe(204);
    expect((await owner.call('DELETE', `/chats/${own.ref}/queue/a9`)).status).toBe(404);
    expect((await owner.call('DELETE', '/chats')).status).toBe(204);
    expect((await room.callers.editor.call('DELETE', '/chats')).status).toBe(204);
    const left = await must<{ members: unknown[] }>(room.callers.owner, 'GET', `/chats/${room.chatId}/members`);
    expect(left.members).toHaveLength(3);
    expect(((await room.snapshot()) as string[])[0]!.replace(/"(people|v)":\d+/g, '')).toBe(
      (before as string[])[0]!.replace(/"(people|v)":\d+/g, ''),
    );
  });
});
