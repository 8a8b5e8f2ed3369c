import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Chat } from '../../shared/chat/chat.ts';
import { createCaller, newId, type Caller } from '../../testing/caller.ts';
import { eventually } from '../../testing/eventually.ts';
import { openFeed, type FeedReader } from '../../testing/feed-reader.ts';
import { followLoyally } from '../../testing/loyal-reader.ts';
import { openRoom } from '../../testing/room.ts';
import { openTestBed, type SidecarProcess, type TestBed, type TestSidecar } from '../../testing/test-bed.ts';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const PEOPLE = 50;
/** This many of the people at the killed sidecar do not connect again. */
const GONE = 5;

let bed: TestBed;
let survivor: TestSidecar;
let victim: SidecarProcess;
beforeAll(async () => {
  bed = await openTestBed();
  [survivor, victim] = await Promise.all([bed.start(), bed.spawn()]);
});
afterAll(() => bed.close());

test('fifty people in one room get the same bytes and the same list of people, although a sidecar is killed in mid-answer', async () => {
  const owner = await createCaller(survivor);
  const chatId = newId('chat');
  await owner.untilEnded(await owner.startStream({ chatId, modelId: 'synthetic/2x20@0' }));
  const names = Array.from({ length: PEOPLE - 1 }, (_, i) => `P${String(i + 1).padStart(2, '0')}`);
  const members = await Promise.all(names.map(async (name) => ({ caller: await createCaller(survivor), name })));
  const ref = await openRoom(owner, chatId, members, 'Ann');
  const everybody = [{ caller: owner, name: 'Ann', ref: chatId }, ...members.map((member) => ({ ...member, ref }))];
  const isAtVictim = (i: number) => i % 2 === 1;
  const at = (caller: Caller, i: number) => caller.at(isAtVictim(i) ? victim : survivor);

  const pages: FeedReader[] = everybody.map((person, i) =>
    openFeed(at(person.caller, i), person.ref, { tab: `t${i}` }),
  );
  const all = ['Ann', ...names].join();
  await Promise.all(pages.map((page) => page.until(() => page.names.join() === all)));

  // A person asks through the sidecar that will be killed. The feed of every page reports the question, and everybody follows the
  // answer.
  const { body } = await members[0]!.caller.at(victim).start({
    chatId: ref,
    messageId: 'answer',
    modelId: 'synthetic/400x20@100',
    text: 'Hello',
  });
  await Promise.all(pages.map((page) => page.until(({ changes }) => changes.some(({ what }) => what === 'turn'))));
  const readers = everybody.map(({ caller }, i) => followLoyally([at(caller, i), caller], body.streamId));
  await eventually('everybody reads', () => readers.every(({ bytes }) => bytes > 2000));
  await victim.kill('SIGKILL');

  // The pages that were connected to the killed sidecar connect to the other sidecar with their last event id, except a few (`gone`).
  const lost = pages.flatMap((_page, i) => (isAtVictim(i) ? [i] : []));
  const gone = lost.slice(0, GONE);
  for (const i of lost.slice(GONE)) {
    const { caller, ref: name } = everybody[i]!;
    pages[i] = openFeed(caller, name, { tab: `t${i}`, lastEventId: pages[i]!.lastId });
  }
  const here = pages.filter((_page, i) => !gone.includes(i));
  // While pages connect again, no list loses a person. The lists also still have the people who are gone, because their presence has
  // not expired yet.
  await Promise.all(here.map((page) => page.until(() => page.here.length > 0)));
  expect(new Set(here.map((page) => page.names.join()))).toEqual(new Set([all]));

  const shas = await Promise.all(
    readers.map(async ({ finished }) =>
      createHash('sha256')
        .update((await finished).log)
        .digest('hex'),
    ),
  );
  const state = await owner.untilEnded(body.streamId, { withinMs: 30_000 });
  expect(state.status).toBe('completed');
  expect(new Set(shas)).toEqual(new Set([state.sha256]));
  // The feed of each page reports the end of the answer, and the question in the chat names the person who asked.
  const { room, messages } = (await owner.call<Chat>('GET', `/chats/${chatId}`)).body;
  await Promise.all(here.map((page) => page.until(({ changes }) => changes.at(-1)?.v === room!.v)));
  expect(messages.slice(-2)).toMatchObject([{ by: { name: 'P01' } }, { id: 'answer', status: 'completed' }]);

  // The presence of pages that did not come back expires. The test makes their entries older instead of waiting.
  const key = `{chat:${owner.userId}:${chatId}}:here`;
  const entries = gone.map((i) => `${everybody[i]!.caller.userId} t${i}`);
  for (const entry of entries) expect(await bed.db.zScore(key, entry)).not.toBeNull();
  for (const entry of entries) await bed.db.zIncrBy(key, -25_000, entry);
  await owner.call('POST', `/chats/${chatId}/presence`, { body: { tab: 't0', typing: true } });
  const left = everybody.flatMap(({ name }, i) => (gone.includes(i) ? [] : [name]));
  await Promise.all(here.map((page) => page.until(() => page.here.map(({ name }) => name).join() === left.join())));
  for (const page of here) page.leave();
  await eventually('the room is empty', async () => (await bed.db.zCard(key)) === 0);
});
