import type { Page } from '@playwright/test';
import {
  answerText,
  ask,
  chatIdOf,
  chatRow,
  composer,
  ended,
  lastAnswer,
  open,
  questions,
  sendForm,
  showSidebar,
  sidebar,
  uniqueQuestion,
  words,
} from './ui/chat-page.ts';
import { COLOUR_RULES, expectNothingSerious } from './ui/axe.ts';
import { RICH_ANSWER } from './ui/sample-answers.ts';
import { expect, test } from './ui/test.ts';

/** Checks the page in its current state. `state` is the name of this state in an error text. */
async function check(page: Page, state: string): Promise<void> {
  const isDark = await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches);
  await expectNothingSerious(page, state, isDark ? { rules: COLOUR_RULES } : {});
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(`in ${colorScheme}`, () => {
    test.use({ colorScheme });

    // Colours are the same on a phone, so one scheme is enough there.
    const phone = colorScheme === 'light' ? ' @phone' : '';
    test(`axe finds nothing serious in a chat in each of its states, in the dialogs and on the other pages${phone}`, async ({
      page,
      model,
    }) => {
      test.slow();
      await open(page);
      await page.getByText('Custom instructions for this chat').click();
      await check(page, 'a new chat');
      const question = uniqueQuestion('axe');
      await ask(page, question);
      const answer = await model.asked(question);
      answer.think('Some thoughts.');
      answer.write(`${RICH_ANSWER}\n\n> A quotation\n\n- [x] done\n\n`);
      await expect(answerText(page).last().locator('.hljs-keyword').first()).toBeVisible();
      await lastAnswer(page).getByText('Thought').first().click();
      await check(page, 'an answer being written');
      answer.fail();
      await expect(lastAnswer(page).locator('.outcome')).toBeVisible();
      await page.getByTitle('Edit the question').click();
      await check(page, 'an answer that failed, and a question being edited');

      const chat = `/chat/${chatIdOf(page)}`;
      await showSidebar(page);
      await check(page, 'the list of chats');
      await chatRow(page, question)
        .getByRole('link', { name: /^Options for/ })
        .click();
      await check(page, 'the menu of a chat');
      await sidebar(page).getByRole('link', { name: 'Rename' }).click();
      await expect(page.getByRole('dialog')).toBeVisible();
      await check(page, 'the dialog of a chat');
      for (const path of [`${chat}/manage`, '/settings', '/chat/unknown', '/no/such/page']) {
        await page.goto(path);
        await check(page, path);
      }
    });

    test('axe finds nothing serious in an answer with a tool, and in the list of shortcuts', async ({ page }) => {
      await open(page);
      await page.getByLabel('Model').selectOption('demo');
      await ask(page, 'What time is it in Tokyo?');
      await lastAnswer(page).getByText('Current time · done').click();
      await ended(page);
      await check(page, 'a tool');
      await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
      await check(page, 'the shortcuts');
    });

    test.describe('without JavaScript', () => {
      test.use({ javaScriptEnabled: false });
      test('axe finds nothing serious in the iframe that shows the answer', async ({ page, browser, model }) => {
        await page.goto('/');
        const question = uniqueQuestion('axe frame');
        await sendForm(page, question);
        (await model.asked(question)).reply(RICH_ANSWER);
        const frame = page.frameLocator('iframe.live-frame');
        await expect(frame.getByRole('heading', { name: 'Retrying' })).toBeVisible();
        // axe is a script, which the iframe's policy forbids. So the iframe is opened as a separate page without that policy.
        const url = await frame.owner().evaluate((element) => (element as HTMLIFrameElement).src);
        const withScripts = await browser.newContext({
          colorScheme,
          bypassCSP: true,
          javaScriptEnabled: true,
          storageState: await page.context().storageState(),
        });
        const live = await withScripts.newPage();
        await live.goto(url);
        await expect(live.getByRole('heading', { name: 'Retrying' })).toBeVisible();
        // The iframe has no background of its own, so this adds the background of the page in which it is normally embedded.
        await live.addStyleTag({ content: 'html { background: var(--page) }' });
        await check(live, 'the live frame');
        await withScripts.close();
      });
    });
  });
}

test('a person can chat, and rename, find and delete a chat, by keyboard alone, and the focus is always visible', async ({
  page,
  model,
}) => {
  await open(page);
  await expect(composer(page)).toBeFocused();
  const question = uniqueQuestion('keys');
  await page.keyboard.type(question);
  await page.keyboard.press('Enter');
  const answer = await model.asked(question);
  answer.write(words(10));
  await expect(answerText(page)).toHaveText(words(10));
  await page.keyboard.press('Escape');
  await expect(lastAnswer(page).getByText('Stopped.').first()).toBeVisible();

  await tabTo(page, 'Skip to the chat');
  await page.keyboard.press('Enter');
  await expect(page.locator('#main')).toBeFocused();

  await tabTo(page, 'Continue');
  await page.keyboard.press('Enter');
  (await model.asked(question)).reply(` ${words(5, 10)}`);
  await expect(answerText(page)).toHaveText(words(15));
  await ended(page);
  await tabTo(page, 'Regenerate');
  await page.keyboard.press('Enter');
  (await model.asked(question)).reply('Another one.');
  await expect(answerText(page)).toHaveText('Another one.');
  await ended(page);
  await tabTo(page, 'Older version');
  await page.keyboard.press('Enter');
  await expect(answerText(page)).toHaveText(words(15));

  await tabTo(page, 'Edit the question');
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('The question, edited')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.getByLabel('The question, edited')).toBeHidden();
  await expect(questions(page)).toContainText(question);
  await expect(questions(page).locator('.edit > summary')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByLabel('The question, edited')).toBeFocused();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.type(`${question}, edited`);
  await tabTo(page, 'Send');
  await page.keyboard.press('Enter');
  (await model.asked(`${question}, edited`)).reply('Edited.');
  await expect(answerText(page)).toHaveText('Edited.');
  await ended(page);

  await tabTo(page, 'Model');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByLabel('Model')).toHaveValue('demo');

  await tabTo(page, `Options for “${question}”`);
  await page.keyboard.press('Enter');
  await expect(sidebar(page).getByRole('link', { name: 'Rename' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog').getByLabel('Title')).toBeFocused();
  await page.keyboard.type('By keyboard');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('By keyboard');

  await page.keyboard.press('Control+k');
  await expect(sidebar(page).getByRole('searchbox')).toBeFocused();
  await page.keyboard.type('keyboard');
  await tabTo(page, 'By keyboard');
  await page.keyboard.press('Enter');
  await tabTo(page, 'Settings');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/settings');
  await tabTo(page, 'Dark');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await tabTo(page, /^Delete all chats and/);
  await page.keyboard.press('Space');
  await tabTo(page, 'Delete all chats');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/');
  await expect(questions(page)).toHaveCount(0);
  await expect(sidebar(page).getByRole('listitem')).toHaveCount(0);
});

test('an answer is announced when it begins and when it ends, not word by word', async ({ page, model }) => {
  await open(page);
  await page.evaluate(() => {
    const said: string[] = [];
    Object.assign(globalThis, { said });
    const LIVE = '[aria-live]:not([aria-live="off"]), [role="status"], [role="alert"], [role="log"]';
    new MutationObserver((changes) => {
      for (const { target } of changes) {
        const region = (target instanceof Element ? target : target.parentElement)?.closest(LIVE);
        const text = region?.textContent.trim() ?? '';
        // If one sentence replaces another, the observer reports two changes. The new sentence is recorded only once.
        if (said.at(-1) !== text) said.push(text);
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  const question = uniqueQuestion('live');
  await ask(page, question);
  const answer = await model.asked(question);
  await answer.pour(words(200), { piecesPerSecond: 300, pieceChars: 5 });
  await expect(answerText(page)).toContainText('word199');
  await expect(lastAnswer(page)).toHaveAttribute('aria-busy', 'true');
  answer.end();
  await ended(page);
  const said = () => page.evaluate(() => (globalThis as unknown as { said: string[] }).said.filter(Boolean));
  await expect.poll(said).toEqual(['An answer is being written.', 'The answer is complete.']);
});

/** Presses Tab until the element with this name has the focus. Every element on the way must show its focus. */
async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  for (let steps = 0; steps < 80; steps += 1) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    if ((await focused.count()) === 0) continue;
    await expectVisibleFocus(page);
    const label = await focused.evaluate((element) => {
      const { labels, innerText } = element as HTMLInputElement;
      return (element.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? innerText).trim();
    });
    if (typeof name === 'string' ? label === name : name.test(label)) return;
  }
  throw new Error(`Tab does not lead to “${name}”.`);
}

async function expectVisibleFocus(page: Page): Promise<void> {
  const { element, isVisible } = await page.locator(':focus').evaluate((focused) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(focused);
    const hasOutline = outlineStyle !== 'none' && parseFloat(outlineWidth) > 0;
    // If the message field has the focus, the border of the whole composer shows the focus. The field itself has no outline.
    const frame = focused.closest('.composer textarea') && focused.closest('.composer');
    const borderColor = () => frame && getComputedStyle(frame).borderColor;
    const withFocus = borderColor();
    (focused as HTMLElement).blur();
    const hasFrame = withFocus !== borderColor();
    (focused as HTMLElement).focus();
    return { element: focused.outerHTML.slice(0, 200), isVisible: hasOutline || hasFrame };
  });
  expect(isVisible, `the focus is not seen on ${element}`).toBe(true);
}
