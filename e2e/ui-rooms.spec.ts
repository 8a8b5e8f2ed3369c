import {
  answers,
  api,
  ask,
  chatIdOf,
  composer,
  ended,
  lastAnswer,
  open,
  questions,
  send,
  showSidebar,
  sidebar,
  uniqueQuestion,
  words,
} from './ui/chat-page.ts';
import { expectNothingSerious } from './ui/axe.ts';
import { shiftsOf, watchShifts } from './ui/layout-shifts.ts';
import {
  askInFrame,
  closeDialog,
  invite,
  inviteByForm,
  join,
  joinedByBen,
  joinByForm,
  leaveByForm,
  openPeople,
  otherPerson,
  presence,
  say,
  SOON,
  startByForm,
  stopAndSayByForm,
  waiting,
} from './ui/people.ts';
import { picture } from './ui/picture.ts';
import { countMoves, LONG_TEXT, painted, readInTheMiddle } from './ui/reading.ts';
import { expect, test } from './ui/test.ts';

test.use({ stackEnv: { GUESTS_MAY_EDIT: '1' } });

const HOSTILE = '<img src=x onerror=alert(1)>\u202Egnp.exe';

/** The elements that a growing answer pushes down: its actions, and the waiting turns. Their shifts are not recorded. */
const BELOW_THE_ANSWER = '.queue, .turn > .actions';

test('two people ask in one chat, see each other, and one of them is removed in the middle of an answer @phone', async ({
  page: ana,
  model,
  browser,
  baseURL,
}) => {
  const [first, second, third, fourth] = ['one', 'two', 'three', 'four'].map(uniqueQuestion) as [
    string,
    string,
    string,
    string,
  ];
  await open(ana);
  await ask(ana, first);
  (await model.asked(first)).reply('The first answer.');
  await ended(ana);
  await openPeople(ana);
  const dialog = ana.getByRole('dialog', { name: 'People' });
  await expect(dialog).toContainText('They will see all messages so far (2)');
  await expect(dialog.getByRole('button', { name: 'Branch instead' })).toBeVisible();
  const address = await invite(ana, { name: 'Ana', role: 'Editor' });
  await expectNothingSerious(ana);
  await picture(ana, 'people');
  await closeDialog(ana);

  const ben = await otherPerson(browser, { baseURL });
  await open(ben, new URL(address).pathname);
  await expect(ben.getByRole('heading', { level: 1 })).toHaveText('Ana invites you');
  await expect(ben.locator('main')).toContainText(first);
  await expect(ben.locator('main')).toContainText('People: 1 · Messages: 2');
  await expectNothingSerious(ben);
  await picture(ben, 'join');
  await ben.emulateMedia({ colorScheme: 'dark' });
  await picture(ben, 'join-dark');
  await ben.emulateMedia({ colorScheme: 'light' });
  await join(ben, address, HOSTILE);
  const benName = '<img src=x onerror=alert(1)> gnp.exe';
  await expect(answers(ben)).toHaveCount(1);
  // Ana's name is also shown at the question that she asked before others could join the chat.
  await expect(questions(ben).first()).toContainText('Ana asked');
  await expect(presence(ben)).toContainText('Here now: Ana');
  await expect(presence(ana)).toContainText(`Here now: ${benName}`, SOON);
  await watchShifts(ana, { upTo: 0.0005, inside: BELOW_THE_ANSWER });

  // Ben types. Then Ana and Ben ask at the same time.
  await composer(ben).pressSequentially('typing');
  await expect(ana.getByText(`${benName} is typing…`)).toBeVisible(SOON);
  await Promise.all([composer(ana).fill(second), composer(ben).fill(third)]);
  await Promise.all([send(ana), send(ben)]);
  await expect(waiting(ana)).toHaveCount(1);
  await expect(waiting(ben)).toHaveCount(1, SOON);
  const isAnaFirst = (await waiting(ben).textContent())?.includes(third);
  const [running, later] = isAnaFirst ? [second, third] : [third, second];
  const [asking, reading] = isAnaFirst ? [ana, ben] : [ben, ana];
  const askerName = isAnaFirst ? 'Ana' : benName;
  await expect(questions(reading).filter({ hasText: running })).toContainText(`${askerName} asked`);
  await expect(questions(asking).filter({ hasText: running })).not.toContainText('asked');
  await expect(waiting(asking)).toContainText(`from ${isAnaFirst ? benName : 'Ana'}`);
  const answer = await model.asked(running);
  answer.write(words(3));
  for (const page of [ana, ben]) await expect(lastAnswer(page)).toContainText('word2');
  await picture(ana, 'room');
  await picture(ben, 'room-member');
  await expectNothingSerious(ben);
  await ana.emulateMedia({ colorScheme: 'dark' });
  await expectNothingSerious(ana);
  await picture(ana, 'room-dark');
  await ana.emulateMedia({ colorScheme: 'light' });

  answer.end();
  (await model.asked(later)).reply('The third answer.');
  for (const page of [ana, ben]) {
    await expect(lastAnswer(page)).toContainText('The third answer.', SOON);
    await expect(waiting(page)).toHaveCount(0);
  }

  // Ben says something without asking the model.
  await composer(ben).fill('Just a remark.');
  await say(ben).click();
  await expect(questions(ana).last()).toContainText('Just a remark.', SOON);
  await expect(questions(ana).last()).toContainText(`${benName} said`);

  // Ben sees the new title, and stops Ana's answer.
  await api(ana, 'PATCH', `/api/chats/${chatIdOf(ana)}`, { data: { title: 'Renamed by Ana' } });
  await expect(ben.locator('.title-menu h1')).toHaveText('Renamed by Ana', SOON);
  await composer(ana).fill(fourth);
  await send(ana);
  const stopped = await model.asked(fourth);
  stopped.write(words(2));
  await expect(lastAnswer(ben)).toContainText('word1');
  expect(await shiftsOf(ana)).toEqual([]);
  await ben.getByRole('button', { name: 'Stop the answer' }).click();
  await expect(lastAnswer(ana)).toContainText(`Stopped by ${benName}.`, SOON);
  await expect(lastAnswer(ben)).toContainText('Stopped.');

  // Ana removes Ben in the middle of an answer.
  const fifth = uniqueQuestion('five');
  await composer(ana).fill(fifth);
  await send(ana);
  const last = await model.asked(fifth);
  last.write('before ');
  await expect(lastAnswer(ben)).toContainText('before');
  // When Ben is removed, his open dialog requests its data again, and the server refuses. Ben's page must nevertheless say that he was
  // removed, and not show a general error page.
  await openPeople(ben);
  await openPeople(ana);
  await dialog.locator('summary', { hasText: 'Remove' }).click();
  await dialog.getByRole('button', { name: `Remove ${benName}` }).click();
  await expect(ben.getByRole('heading', { name: 'You are no longer in this chat' })).toBeVisible({ timeout: 2_000 });
  last.write('after');
  await expect(ben.locator('body')).not.toContainText('before');
  await expect(composer(ben)).toHaveCount(0);
  const kept = await ben.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
  expect(kept).not.toContain(new URL(ben.url()).pathname.split('~')[1]);
  await expectNothingSerious(ben);
  await picture(ben, 'gone');
  await closeDialog(ana);
  await expect(lastAnswer(ana)).toContainText('before after');
  last.end();
  await ben.context().close();
});

test('what other people say and ask does not move a person who reads further up @phone', async ({
  page: ana,
  model,
  browser,
  baseURL,
}) => {
  const [first, long, third] = ['one', 'long', 'other'].map(uniqueQuestion) as [string, string, string];
  await open(ana);
  await ask(ana, first);
  (await model.asked(first)).reply('The first answer.');
  await ended(ana);
  const ben = await joinedByBen(ana, browser, baseURL);
  await ask(ana, long);
  const answer = await model.asked(long);
  const top = await readInTheMiddle(ana, answer, LONG_TEXT);
  const moves = await countMoves(ana);
  const place = await top();

  await composer(ben).fill('Just a remark.');
  await say(ben).click();
  await expect(questions(ana).last()).toContainText('Just a remark.');
  await composer(ben).fill(third);
  await send(ben);
  await expect(waiting(ana)).toContainText(third);
  answer.end();
  (await model.asked(third)).reply(LONG_TEXT);
  await expect(waiting(ana)).toHaveCount(0);
  await expect(lastAnswer(ana)).toContainText('Paragraph 29.');
  await ended(ana);
  await painted(ana);
  expect(await moves()).toBe(0);
  expect(await top()).toBe(place);
  await ben.context().close();
});

test('an editor who becomes a viewer loses the composer, and may branch once the owner allows it; a used-up invite is refused', async ({
  page: ana,
  model,
  browser,
  baseURL,
}) => {
  const question = uniqueQuestion('viewer');
  await open(ana);
  await ask(ana, question);
  (await model.asked(question)).reply('An answer.');
  await ended(ana);
  await openPeople(ana);
  const dialog = ana.getByRole('dialog', { name: 'People' });
  const address = await invite(ana, { name: 'Ana', role: 'Editor' });
  const ben = await otherPerson(browser, { baseURL });
  await join(ben, address, 'Ben');
  await expect(composer(ben)).toBeVisible();
  await showSidebar(ben);
  await expect(sidebar(ben).getByRole('region', { name: 'Shared with me' })).toContainText(question);

  await dialog.getByLabel('Role of Ben').selectOption({ label: 'Viewer' });
  await dialog.getByRole('button', { name: 'Change role' }).click();
  await expect(ben.getByText('You can read this chat.')).toBeVisible(SOON);
  await expect(composer(ben)).toHaveCount(0);
  await expect(ben.getByRole('button', { name: 'Branch into my chats' })).toHaveCount(0);
  await dialog.getByRole('button', { name: 'Allow' }).click();
  await ben.getByRole('button', { name: 'Branch into my chats' }).click();
  await expect(ben).toHaveURL(/\/chat\/[^~]+$/);
  await expect(lastAnswer(ben)).toContainText('An answer.');
  await expect(composer(ben)).toBeVisible();

  // Nobody else can use an invite that was used.
  const eve = await otherPerson(browser, { baseURL });
  const response = await eve.goto(new URL(address).pathname);
  expect(response?.status()).toBe(410);
  expect(response?.headers()).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' });
  await expect(eve.getByRole('heading', { name: 'This invitation is over' })).toBeVisible();
  expect((await eve.goto(`/join/${'x'.repeat(43)}`))?.status()).toBe(404);
  await Promise.all([ben.context().close(), eve.context().close()]);
});

test('without JavaScript people invite, join, ask, say something, stop, see who is there, and leave', async ({
  model,
  browser,
  baseURL,
}) => {
  const [ana, ben] = [
    await otherPerson(browser, { baseURL, javaScriptEnabled: false }),
    await otherPerson(browser, { baseURL, javaScriptEnabled: false }),
  ];
  const [first, second] = ['one', 'two'].map(uniqueQuestion) as [string, string];
  await startByForm(ana, model, first);
  await ana.goto(`/chat/${chatIdOf(ana)}/people`);
  const address = await inviteByForm(ana, 'Ana');
  await picture(ana, 'people-no-script');

  await joinByForm(ben, address, 'Ben');
  await expect(answers(ben)).toHaveCount(1);
  await askInFrame(ben, model, second);
  await stopAndSayByForm(ben, 'A remark of Ben.');

  // Ana appears as present only while a page of hers runs JavaScript. So she opens the chat in a second browser (`cid`).
  const cid = await otherPerson(browser, { baseURL, storageState: await ana.context().storageState() });
  await open(cid, `/chat/${chatIdOf(ana)}`);
  await expect(questions(cid).last()).toContainText('Ben said');
  await expect(presence(cid)).toBeVisible();
  await expect(async () => {
    await ben.goto(new URL(ben.url()).pathname, { waitUntil: 'domcontentloaded' });
    await expect(presence(ben)).toContainText('Here now: Ana', { timeout: 500 });
  }).toPass();
  await picture(ben, 'room-no-script');

  await leaveByForm(ben);
  await expect(presence(cid)).toContainText('People: 1');
  await Promise.all([ana, ben, cid].map((page) => page.context().close()));
});
