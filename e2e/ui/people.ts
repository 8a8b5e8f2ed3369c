import { expect, test, type Browser, type Page } from '@playwright/test';
import { open } from './chat-page.ts';

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

/** Invites as a person would, and returns the URL of the invite. */
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

export async function join(page: Page, address: string, name: string): Promise<void> {
  await open(page, new URL(address).pathname);
  await page.getByLabel('Your name').fill(name);
  await page.getByRole('button', { name: 'Join' }).click();
  await expect(page).toHaveURL(/\/chat\/~[a-z2-7]{26}$/);
}
