import type { Locator, Page } from '@playwright/test';
import { ask, composer, ended, lastAnswer, open, sidebar, uniqueQuestion } from './ui/chat-page.ts';
import { picture } from './ui/picture.ts';
import { expect, test } from './ui/test.ts';

/** The computed value of a system colour, for example of `Highlight`. */
const systemColour = (page: Page, name: string) =>
  page.evaluate((color) => {
    const element = document.body.appendChild(document.createElement('i'));
    element.style.color = color;
    const { color: computed } = getComputedStyle(element);
    element.remove();
    return computed;
  }, name);

const style = (element: Locator, property: string) =>
  element.evaluate((it, name) => getComputedStyle(it).getPropertyValue(name), property);

async function expectOutlined(element: Locator, what: string): Promise<void> {
  const highlight = await systemColour(element.page(), 'Highlight');
  await expect.poll(() => style(element, 'outline-style'), what).toBe('solid');
  expect(await style(element, 'outline-width'), what).toBe('2px');
  expect(await style(element, 'outline-color'), what).toBe(highlight);
}

const expectPlain = async (element: Locator, what: string) =>
  expect(await style(element, 'outline-style'), what).toBe('none');

test('with a contrast theme, the focused field has an outline, Send and Stop have borders, and a disabled Send is grey @phone', async ({
  page,
  model,
}) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await open(page);
  const grey = await systemColour(page, 'GrayText');
  const send = page.getByRole('button', { name: 'Send' });
  await composer(page).focus();
  await expectOutlined(page.locator('.composer'), 'the field');
  expect(await style(send, 'border-top-style')).toBe('solid');
  expect(await style(send, 'border-top-color')).toBe(grey);
  await picture(page, 'empty');
  const question = uniqueQuestion('contrast');
  await composer(page).fill(question);
  expect(await style(send, 'border-top-color')).not.toBe(grey);
  await picture(page, 'typed');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write('An answer.');
  await expect(lastAnswer(page)).toContainText('An answer.');
  const stop = page.getByRole('button', { name: 'Stop the answer' });
  expect(await style(stop, 'border-top-style')).toBe('solid');
  expect(await style(stop, 'border-top-width')).toBe('1px');
  await picture(page, 'stop');
  answer.end();
  await ended(page);

  await composer(page).fill('/');
  const options = page.getByRole('listbox').getByRole('option');
  await expect(options).toHaveCount(3);
  await composer(page).press('ArrowDown');
  await expectOutlined(options.nth(1), 'the chosen template');
  await expectPlain(options.first(), 'another template');
  await picture(page, 'templates');
});

test('with a contrast theme, the open chat, the chosen search result and the pressed theme button can be told from the others', async ({
  page,
  model,
}) => {
  await page.emulateMedia({ forcedColors: 'active' });
  const [first, second] = [uniqueQuestion('harbour one'), uniqueQuestion('harbour two')];
  for (const question of [first, second]) {
    await open(page);
    await ask(page, question);
    (await model.asked(question)).reply('Yes.');
    await ended(page);
  }
  const row = (title: string) => sidebar(page).locator('.chat-row', { hasText: title });
  await expectOutlined(row(second), 'the open chat');
  await expectPlain(row(first), 'another chat');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('harbour');
  const hits = sidebar(page).getByRole('option');
  await expect(hits).toHaveCount(2);
  await page.keyboard.press('ArrowDown');
  await expectOutlined(hits.nth(1), 'the chosen search result');
  await expectPlain(hits.first(), 'another search result');
  await picture(page, 'search');

  await open(page, '/settings');
  const dark = page.getByRole('button', { name: 'Dark' });
  await dark.click();
  await expectOutlined(dark, 'the pressed theme button');
  await expectPlain(page.getByRole('button', { name: 'Light' }), 'another theme button');
  await picture(page, 'settings');
});
