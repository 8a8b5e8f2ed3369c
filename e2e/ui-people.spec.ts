import type { Page } from '@playwright/test';
import {
  answers,
  ask,
  chatIdOf,
  composer,
  ended,
  lastAnswer,
  open,
  questions,
  send,
  uniqueQuestion,
  words,
} from './ui/chat-page.ts';
import { expectNothingSerious } from './ui/axe.ts';
import {
  askInFrame,
  closeDialog,
  invite,
  inviteByForm,
  join,
  joinByForm,
  otherPerson,
  presence,
  press,
  say,
  SOON,
  startByForm,
  waiting,
} from './ui/people.ts';
import type { ScriptedModel } from './ui/scripted-model.ts';
import { picture } from './ui/picture.ts';
import { expect, test } from './ui/test.ts';

test.use({ stackEnv: { GUESTS_MAY_EDIT: '1' } });

const dialogOf = (page: Page) => page.getByRole('dialog', { name: 'People' });

/** Opens a new chat with one answer. */
async function openChat(page: Page, model: ScriptedModel): Promise<string> {
  const question = uniqueQuestion('people');
  await open(page);
  await ask(page, question);
  (await model.asked(question)).reply('An answer.');
  await ended(page);
  return question;
}

/** Opens the form for an invite with one click, and makes an invite. */
async function inviteAtOnce(page: Page, uses = 1): Promise<string> {
  await page.getByRole('link', { name: 'Invite someone' }).click();
  await dialogOf(page).getByLabel('For how many people').fill(`${uses}`);
  return invite(page, { name: 'Ana', role: 'Editor' });
}

test('one click opens the form for an invite, and the page of people shows changes without a reload @phone', async ({
  page: ana,
  model,
  browser,
  baseURL,
}) => {
  await openChat(ana, model);
  await ana.getByRole('link', { name: 'Invite someone' }).click();
  await expect(dialogOf(ana).getByLabel('Your name')).toBeFocused();
  await expect(dialogOf(ana).getByRole('heading', { name: 'Invite someone' })).toBeInViewport();
  await expectNothingSerious(ana, 'the dialog');
  await dialogOf(ana).getByLabel('For how many people').fill('5');
  const address = await invite(ana, { name: 'Ana', role: 'Editor' });
  await closeDialog(ana);
  await picture(ana, 'header');
  await ana.emulateMedia({ colorScheme: 'dark' });
  await picture(ana, 'header-dark');
  await ana.emulateMedia({ colorScheme: 'light' });

  await open(ana, `/chat/${chatIdOf(ana)}/people`);
  const people = (page: Page) => page.getByRole('list', { name: 'People' }).getByRole('listitem');
  await expect(people(ana)).toHaveCount(1);
  await ana.getByLabel('For how many people').fill('7');
  const ben = await otherPerson(browser, { baseURL });
  await join(ben, address, 'Ben');
  await expect(people(ana)).toHaveCount(2, SOON);
  await expect(people(ana).last()).toContainText('Ben');
  await expect(ana.getByText('Editor, used 1 of 5 times')).toBeVisible(SOON);
  // What the owner was typing stays.
  await expect(ana.getByLabel('For how many people')).toHaveValue('7');
  await expect(presence(ben)).toContainText('Here now: Ana', SOON);

  await open(ben, `${new URL(ben.url()).pathname}/people`);
  await ben.getByLabel('Your name').fill('Benedict');
  await ben.getByRole('button', { name: 'Save' }).click();
  await expect(people(ana).last()).toContainText('Benedict', SOON);
  // A role that is refused does not stay selected.
  const roleOfBen = ana.getByLabel('Role of Benedict');
  await roleOfBen.evaluate((select: HTMLSelectElement) => (select.options[1]!.value = 'nobody'));
  await roleOfBen.selectOption('nobody');
  await ana.getByRole('button', { name: 'Change role' }).click();
  await expect(ana.getByRole('alert')).toBeVisible();
  await expect(roleOfBen).toHaveValue('editor');
  await roleOfBen.evaluate((select: HTMLSelectElement) => (select.options[1]!.value = 'viewer'));
  await roleOfBen.selectOption({ label: 'Viewer' });
  await ana.getByRole('button', { name: 'Change role' }).click();
  await expect(people(ben).last()).toContainText('Viewer', SOON);

  // Ana removes Ben, but does not revoke the open invitation.
  await ana.locator('summary', { hasText: 'Remove' }).click();
  await expect(ana.getByText('Also revoke the open invitations (1).')).toBeVisible();
  await expectNothingSerious(ana, 'the page of people');
  await picture(ana, 'remove');
  await ana.getByRole('button', { name: 'Remove Benedict' }).click();
  await expect(ben.getByRole('heading', { name: 'You are no longer in this chat' })).toBeVisible({ timeout: 2_000 });
  await picture(ben, 'people-gone');
  await expect(people(ana)).toHaveCount(1);

  // Ben cannot join again with the invitation. Others can join with it until it is revoked.
  expect((await ben.goto(new URL(address).pathname))?.status()).toBe(410);
  await expect(ben.getByRole('heading', { name: 'This invitation is over' })).toBeVisible();
  const cid = await otherPerson(browser, { baseURL });
  await join(cid, address, 'Cid');
  await expect(people(ana).last()).toContainText('Cid', SOON);
  await ana.locator('summary', { hasText: 'Remove' }).click();
  await ana.getByLabel('Also revoke the open invitations').check();
  await ana.getByRole('button', { name: 'Remove Cid' }).click();
  await expect(people(ana)).toHaveCount(1);
  await expect(ana.getByRole('heading', { name: 'Open invitations' })).toHaveCount(0);
  const dan = await otherPerson(browser, { baseURL });
  expect((await dan.goto(new URL(address).pathname))?.status()).toBe(410);
  await Promise.all([ben, cid, dan].map((page) => page.context().close()));
});

test('in a room, people see who stopped an answer, which remarks are their own, and only the buttons that they may use', async ({
  page: ana,
  model,
  browser,
  baseURL,
}) => {
  await openChat(ana, model);
  const address = await inviteAtOnce(ana);
  await closeDialog(ana);
  const ben = await otherPerson(browser, { baseURL });
  await join(ben, address, 'Ben');
  const [running, anas, bens] = ['running', 'anas', 'bens'].map(uniqueQuestion) as [string, string, string];
  await ask(ana, running);
  const answer = await model.asked(running);
  answer.write(words(3));
  await expect(lastAnswer(ben)).toContainText('word2');
  // A remark is a message to the other people, and not a question to the model. So its heading is “said” and not “asked”.
  await composer(ben).fill('A remark.');
  await say(ben).click();
  for (const [page, heading] of [
    [ben, 'You said'],
    [ana, 'Ben said'],
  ] as const)
    await expect(questions(page).filter({ hasText: 'A remark.' })).toContainText(heading);
  for (const [page, text] of [
    [ana, anas],
    [ben, bens],
  ] as const) {
    await composer(page).fill(text);
    await send(page);
    await expect(waiting(page).filter({ hasText: text })).toHaveCount(1);
  }
  const buttons = async (page: Page, text: string) =>
    (
      await waiting(page)
        .filter({ hasText: text })
        .locator('.actions > form > button, .actions summary')
        .allInnerTexts()
    )
      .map((label) => label.split('\n')[0]!.replace(text, '').trim())
      .join(', ');
  await expect(waiting(ben)).toHaveCount(2);
  await expect(waiting(ana)).toHaveCount(2);
  // Ben may use “Send now” for every waiting message, but he may move only his own.
  expect(await buttons(ben, anas)).toBe('Send now');
  expect(await buttons(ben, bens)).toBe('Move up, Move down, Send now, Edit, Remove');
  // The owner may move and remove every waiting message. Only the author of a message may edit it.
  expect(await buttons(ana, bens)).toBe('Move up, Move down, Send now, Remove');
  await picture(ben, 'queue');
  await expectNothingSerious(ben);

  await ben.getByRole('button', { name: 'Stop the answer' }).click();
  const stopped = (page: Page) => answers(page).filter({ hasText: 'word2' });
  await expect(stopped(ana)).toContainText('Stopped by Ben.', SOON);
  await expect(stopped(ben)).toContainText('Stopped.');
  await expect(stopped(ben)).not.toContainText('Stopped by');
  await expect(questions(ben).filter({ hasText: 'A remark.' })).toContainText('You said');
  await expect(questions(ana).filter({ hasText: running })).not.toContainText('You said');
  await picture(ana, 'stopped');
  await ana.reload();
  await expect(stopped(ana)).toContainText('Stopped by Ben.');

  // When Ana deletes the chat, the notice says how many others lose the chat, too.
  await ana.locator('.title-menu > summary').click();
  await ana.locator('.title-menu').getByRole('link', { name: 'Delete' }).click();
  await expect(ana.getByText('Chat deleted, also for the others in it (1).')).toBeVisible();
  await picture(ana, 'deleted');
  await ana.getByRole('button', { name: 'Undo' }).click();
  const row = ana.locator('.chat-row').first();
  await row.getByRole('link', { name: /^Options for/ }).click();
  await ana.locator('#row-menu, .menu:popover-open').getByRole('link', { name: 'Delete' }).click();
  await expect(ana.getByText('Chat deleted, also for the others in it (1).')).toBeVisible();
  await ben.context().close();
});

test('without JavaScript, the iframe tells people that they were removed, and the deletion page says how many others lose a chat', async ({
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
  await ana.goto(ana.url().split('#')[0]!);
  await ana.getByRole('link', { name: 'Invite someone' }).click();
  await expect(ana.getByRole('heading', { name: 'Invite someone' })).toBeInViewport();
  const address = await inviteByForm(ana, 'Ana');
  await joinByForm(ben, address, 'Ben');
  const { answer, frame } = await askInFrame(ben, model, second);
  const frameUrl = await ben.locator('iframe.live-frame').getAttribute('src');

  await ana.goto(`/chat/${chatIdOf(ana)}/people`);
  await ana.locator('summary', { hasText: 'Remove' }).click();
  await press(ana, 'Remove Ben');
  await expect(frame.getByText('You are no longer in this chat. You were removed or have left')).toBeVisible();
  await expect(frame.locator('.live-text:visible')).toHaveCount(0);
  await expect(frame.getByRole('button', { name: 'Stop' })).toBeHidden();
  await picture(ben, 'frame-gone');
  answer.write('after');
  // Later, Ben gets the same page as somebody who was never in the chat.
  const texts = [];
  const eve = await otherPerson(browser, { baseURL, javaScriptEnabled: false });
  for (const page of [ben, eve]) {
    expect((await page.goto(frameUrl!))?.status()).toBe(404);
    texts.push(await page.locator('body').innerText());
  }
  expect(texts[0]).toContain('You are not in this chat. It was deleted, or it is not shared with you (any more).');
  expect(texts[1]).toBe(texts[0]);

  // Ana invites Eve, and then deletes the chat.
  await ana.getByRole('combobox', { name: 'Role', exact: true }).selectOption({ label: 'Viewer' });
  const again = await inviteByForm(ana);
  expect((await ben.goto(new URL(address).pathname))?.status()).toBe(410);
  await joinByForm(eve, again, 'Eve');
  await ana.goto(`/chat/${chatIdOf(ana)}/manage?confirm=delete`);
  await expect(ana.getByText('The others in this chat lose it, too (1).')).toBeVisible();
  await picture(ana, 'delete-no-script');
  await press(ana, 'Delete');
  await expect(ana).toHaveURL(/\/$/);
  answer.end();
  await Promise.all([ana, ben, eve].map((page) => page.context().close()));
});
