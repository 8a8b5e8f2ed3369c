import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../../testing/eventually.ts';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { openReader, type RawReader } from '../../testing/raw-reader.ts';
import { openTestBed, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';
import { must, openRoom, QUICK } from './testing/open-room.ts';

const LONG = 'synthetic/20000x20@100';

let bed: TestBed;
/**
 * The last sidecar is not told when a role is taken away, because its Redis user may not use channels. It reads the roles again
 * every few seconds.
 */
let sidecars: [TestSidecar, TestSidecar, TestSidecar];
beforeAll(async () => {
  bed = await openTestBed({ env: { MAX_QUEUED: '10' } });
  await bed.db.sendCommand(['ACL', 'SETUSER', 'deaf', 'on', '>password', '~*', '+@all', 'resetchannels']);
  const deaf = bed.redis.url.replace('redis://', 'redis://deaf:password@');
  sidecars = [await bed.start(), await bed.start(), await bed.start({ REDIS_URL: deaf })];
});
afterAll(() => bed.close());

/** Opens a room in which an answer is being written. `read` opens readers of every kind at every sidecar. */
async function roomBeingWritten() {
  const room = await openRoom(sidecars[0]);
  const { owner } = room.callers;
  await owner.cancel(room.active);
  await must(owner, 'POST', `/chats/${room.chatId}/queue`, { action: 'discard' });
  const streamId = await owner.startStream({ chatId: room.chatId, messageId: newId('m'), modelId: LONG });
  const waiting = await owner.start({ chatId: room.chatId, messageId: newId('m'), modelId: QUICK, whenBusy: 'queue' });
  const read = async (who: Caller): Promise<RawReader[]> => {
    const readers = sidecars.flatMap((sidecar) => [
      openReader(who.at(sidecar), streamId),
      openReader(who.at(sidecar), streamId, { accept: 'text/plain' }),
      openReader(who.at(sidecar), waiting.body.streamId),
    ]);
    for (const reader of readers) expect((await reader.head).status).toBe(200);
    await Promise.all(readers.map((reader) => reader.until(({ bytes }) => bytes > 0)));
    return readers;
  };
  const grown = async () => {
    const { bytes } = await owner.state(streamId);
    await eventually('the answer goes on', async () => (await owner.state(streamId)).bytes > bytes + 5000);
  };
  return { ...room, streamId, read, grown };
}

const endsOf = (readers: RawReader[]) => Promise.all(readers.map(({ ended }) => ended));
const sizesOf = (readers: RawReader[]) => readers.map(({ bytes }) => bytes);

describe('taking a role away in the middle of an answer', () => {
  test.for([
    {
      how: 'the owner removes the member',
      act: ({ callers, chatId }) => callers.owner.call('DELETE', `/chats/${chatId}/members/${callers.editor.userId}`),
    },
    {
      how: 'the member leaves',
      act: ({ callers, ref }) => callers.editor.call('DELETE', `/chats/${ref}/members/${callers.editor.userId}`),
    },
    { how: 'the member deletes all their data', act: ({ callers }) => callers.editor.call('DELETE', '/chats') },
  ] satisfies { how: string; act(room: Awaited<ReturnType<typeof roomBeingWritten>>): Promise<{ status: number }> }[])(
    'cuts every reader of the member at every sidecar, and nobody else: $how',
    async ({ act }) => {
      const room = await roomBeingWritten();
      const [editors, viewers, owners] = [
        await room.read(room.callers.editor),
        await room.read(room.callers.viewer),
        await room.read(room.callers.owner),
      ];
      expect((await act(room)).status).toBe(204);
      // A cut never looks like a clean end, even to a reader of plain text.
      expect(new Set(await endsOf(editors))).toEqual(new Set(['reset']));
      const sizes = sizesOf(editors);
      const others = [viewers, owners].map((readers) => readers.filter((_reader, i) => i % 3 !== 2));
      const before = others.map(sizesOf);
      await room.grown();
      expect(sizesOf(editors)).toEqual(sizes);
      await eventually('everybody else reads on', () =>
        others.every((readers, i) => readers.every(({ bytes }, j) => bytes > before[i]![j]!)),
      );
      const again = await room.callers.editor.call('GET', `/streams/${room.streamId}`);
      expect(again.body).toMatchObject({ code: 'not_found' });
      await room.callers.owner.cancel(room.streamId);
      for (const reader of [...viewers, ...owners]) reader.leave();
    },
  );

  test('cuts all members and removes the invites if the owner deletes the chat or all data of the owner', async () => {
    for (const path of ['chat', 'all'] as const) {
      const room = await roomBeingWritten();
      const { owner, editor, viewer } = room.callers;
      const readers = [...(await room.read(editor)), ...(await room.read(viewer))];
      await must(owner, 'DELETE', path === 'chat' ? `/chats/${room.ref}` : '/chats');
      expect(await endsOf(readers)).not.toContain('clean');
      for (const who of [editor, viewer, owner])
        expect((await who.call('GET', `/chats/${room.ref}`)).body).toMatchObject({ code: 'not_found' });
      expect((await editor.call('GET', '/rooms')).body).toEqual({ rooms: [] });
      const late = await room.callers.outsider.call('POST', '/joins', { body: { token: room.token, name: 'Late' } });
      expect(late.body).toMatchObject({ code: 'invite_over' });
      expect(await bed.db.exists(`room:${room.roomId}`)).toBe(0);
    }
  });

  test('lets a demoted editor read on, but not write any more', async () => {
    const room = await roomBeingWritten();
    const { owner, editor } = room.callers;
    const reader = openReader(editor.at(sidecars[1]), room.streamId);
    await reader.until(({ bytes }) => bytes > 0);
    await must(owner, 'PATCH', `/chats/${room.chatId}/members/${editor.userId}`, { role: 'viewer' });
    const { bytes } = reader;
    await room.grown();
    await reader.until((now) => now.bytes > bytes);
    expect((await editor.start({ chatId: room.ref, modelId: QUICK, whenBusy: 'queue' })).body.code).toBe(
      'role_required',
    );
    expect((await editor.cancel(room.streamId)).body).toMatchObject({ code: 'role_required' });
    await owner.cancel(room.streamId);
  });

  test('removes the waiting turns of this person immediately, and no others', async () => {
    for (const how of ['demoted', 'removed'] as const) {
      const room = await roomBeingWritten();
      const { owner, editor } = room.callers;
      const { body } = await editor.start({
        chatId: room.ref,
        messageId: newId('m'),
        modelId: QUICK,
        whenBusy: 'queue',
      });
      const waiting = async () => (await owner.chat(room.chatId)).queue.turns;
      expect(await waiting()).toHaveLength(2);
      const path = `/chats/${room.chatId}/members/${editor.userId}`;
      if (how === 'removed') expect((await owner.call('DELETE', path)).status).toBe(204);
      else await must(owner, 'PATCH', path, { role: 'viewer' });
      const turns = await waiting();
      expect(turns.map(({ by }) => by?.userId)).toEqual([owner.userId]);
      const send = { action: 'send', messageId: body.messageId };
      const answer = await owner.call('POST', `/chats/${room.chatId}/queue`, { body: send });
      expect(answer.body).toMatchObject({ code: 'not_waiting' });
      expect(await owner.state(room.streamId)).toMatchObject({ status: 'active' });
      await owner.cancel(room.streamId);
    }
  });
});

test('only one of fifty people at two sidecars becomes a member by a single-use invite', async () => {
  const room = await openRoom(sidecars[0]);
  const { token } = await must<{ token: string }>(room.callers.owner, 'POST', `/chats/${room.chatId}/invites`, {});
  const people = await Promise.all(Array.from({ length: 50 }, (_, i) => createCaller(sidecars[i % 2]!)));
  const answers = await Promise.all(
    people.map((who) => who.call('POST', '/joins', { body: { token, name: 'One of fifty' } })),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(49).fill(410)]);
  const { members } = await must<{ members: { name: string }[] }>(
    room.callers.owner,
    'GET',
    `/chats/${room.ref}/members`,
  );
  expect(members.filter(({ name }) => name === 'One of fifty')).toHaveLength(1);
});

test('no token of an invite, name of a person or id of a room is in the log or the metrics', async () => {
  const { token, ref, callers } = await openRoom(sidecars[0]);
  const name = newId('Confidential-Name');
  await must(callers.outsider, 'POST', '/joins/look', { token });
  await must(callers.outsider, 'POST', '/joins', { token, name });
  await callers.outsider.call('POST', '/joins', { body: { token: `${token.slice(1)}x`, name } });
  await must(callers.outsider, 'PATCH', `/chats/${ref}/members/${callers.outsider.userId}`, { name: `${name}-2` });
  await callers.former.call('POST', '/joins', { body: { token, name } });
  const logged = JSON.stringify(bed.log.all);
  for (const secret of [token, token.slice(1), name, ref.slice(1)]) expect(logged).not.toContain(secret);
  const metrics = await callers.owner.call('GET', '/metrics', { token: null });
  for (const secret of [token, name, ref.slice(1), callers.owner.userId]) expect(metrics.text).not.toContain(secret);
  // Redis has the hash of a token, and not the token.
  const keys = await bed.db.keys('*');
  expect(keys.filter((key) => key.startsWith('invite:')).length).toBeGreaterThan(0);
  expect(keys.join(' ')).not.toContain(token);
  for (const key of keys.filter((each) => /^(invite|room|chat):/.test(each)))
    expect(JSON.stringify(await bed.db.hGetAll(key))).not.toContain(token);
});
