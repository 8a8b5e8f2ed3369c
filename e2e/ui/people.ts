import { expect, test, type Browser, type Page } from '@playwright/test';
import { composer, open, questions, sendForm, words } from './chat-page.ts';
import type { ScriptedModel } from './scripted-model.ts';

/** Within a second, one person's page shows what the other person does. */
export const SOON = { timeout: 1_000 };
export const waiting = (page: Page) => page.locator('.turn.queued');
export const presence = (page: Page) => page.locator('.presence');
export const say = (page: Page) => page.getByRole('button', { name: 'Say', exact: true });

/** A page of another person, in a separate browser context. */
export async function otherPerson(browser: Browser, options: Parameters<Browser['newContext']>[0] = {}): Promise<Page> {
  const { viewport, userAgent, isMobile, hasTouch } = test.info().project.use;
  const device = { viewport, userAgent, isMobile, hasTouch } as object;
  const context = await browser.newContext({ ...device, baseURL: test.info().project.use.baseURL, ...options });
  return context.newPage();
}

export async function openPeople(page: Page): Promise<void> {
  await page.locator('.title-menu > summary').click();
  await page.getByRole('link', { name: 'People', exact: true }).click();
  await expect(page.getByRole('dialog', { name: 'People' })).toBeVisible();
}

/** Returns the URL of the invite. */
export async function invite(
  page: Page,
  { name, role }: { name?: string; role: 'Editor' | 'Viewer' },
): Promise<string> {
  const dialog = page.getByRole('dialog', { name: 'People' });
  if (name) await dialog.getByLabel('Your name').fill(name);
  await dialog.getByRole('combobox', { name: 'Role', exact: true }).selectOption({ label: role });
  await dialog.getByRole('button', { name: 'Create invitation' }).click();
  const address = dialog.getByLabel('Address of the invitation');
  await expect(address).toHaveValue(/\/join\/[\w-]{43}$/);
  return address.inputValue();
}

export async function closeDialog(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog', { name: 'People' })).toHaveCount(0);
}

/** Ana invites Ben, who joins in another browser context. Returns Ben's page. */
export async function joinedByBen(ana: Page, browser: Browser, baseURL: string | undefined): Promise<Page> {
  await openPeople(ana);
  const address = await invite(ana, { name: 'Ana', role: 'Editor' });
  await closeDialog(ana);
  const ben = await otherPerson(browser, { baseURL });
  await join(ben, address, 'Ben');
  return ben;
}

export async function join(page: Page, address: string, name: string): Promise<void> {
  await open(page, new URL(address).pathname);
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Join' }).click();
  await expect(page).toHaveURL(/\/chat\/~[a-z2-7]{26}$/);
}

/** Presses a button, without JavaScript. Does not wait for the next page, which may keep loading until an answer has ended. */
export const press = (page: Page, name: string) =>
  page.getByRole('button', { name, exact: true }).click({ noWaitAfter: true });

/** Starts a chat with one answer, without JavaScript. */
export async function startByForm(page: Page, model: ScriptedModel, question: string): Promise<void> {
  await page.goto('/', { waitUntil: 'commit' });
  await sendForm(page, question);
  (await model.asked(question)).reply('The first answer.');
}

/** Creates an invite on the People page of a chat, without JavaScript. Returns the URL of the invite. */
export async function inviteByForm(page: Page, name?: string): Promise<string> {
  if (name) await page.getByLabel('Your name').fill(name);
  await press(page, 'Create invitation');
  return page.getByLabel('Address of the invitation').inputValue();
}

export async function joinByForm(page: Page, address: string, name: string): Promise<void> {
  await page.goto(new URL(address).pathname);
  await page.getByLabel('Your name').fill(name);
  await press(page, 'Join');
  await expect(page).toHaveURL(/\/chat\/~/);
}

/** Asks without JavaScript, and waits until the iframe shows the beginning of the answer. */
export async function askInFrame(page: Page, model: ScriptedModel, question: string) {
  await sendForm(page, question);
  const answer = await model.asked(question);
  answer.write(words(3));
  const frame = page.frameLocator('iframe.live-frame');
  await expect(frame.locator('.live-text:visible')).toHaveText(words(3));
  return { answer, frame };
}

/** Stops the answer in the iframe, and adds a message without asking the model. */
export async function stopAndSayByForm(page: Page, text: string): Promise<void> {
  const frame = page.frameLocator('iframe.live-frame');
  await frame.getByRole('button', { name: 'Stop' }).click({ noWaitAfter: true });
  await expect(frame.getByText('Stopped.').first()).toBeVisible();
  await composer(page).fill(text);
  await press(page, 'Say');
  await expect(questions(page).last()).toContainText(text);
}

export async function leaveByForm(page: Page): Promise<void> {
  await page.goto(`${new URL(page.url()).pathname}/people`);
  await page.locator('summary', { hasText: 'Leave this chat' }).click();
  await press(page, 'Leave this chat');
  await expect(page).toHaveURL(/\/$/);
}
