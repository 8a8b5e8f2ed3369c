import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Page } from '@playwright/test';
import { inRoot } from '../scripts/shared/paths.ts';
import type { Stack } from './stack/start-stack.ts';
import { ageChat } from './ui/aged-chat.ts';
import {
  answerText,
  ask,
  composer,
  connectionLine,
  ended,
  lastAnswer,
  nothingRuns,
  open,
  sendForm,
  showSidebar,
  startElsewhere,
} from './ui/chat-page.ts';
import type { ScriptedModel } from './ui/scripted-model.ts';
import { expect, test } from './ui/test.ts';

/**
 * This file takes screenshots of the app. The README shows some of them. The files in docs/screenshots are written only on request:
 *
 *     UPDATE_SCREENSHOTS=1 npx playwright test ui-screenshots
 */
const MODEL = 'qwen3';
test.use({ stackEnv: { OPENAI_COMPATIBLE_MODELS: MODEL }, viewport: { width: 1280, height: 800 } });

const IS_UPDATE = process.env.UPDATE_SCREENSHOTS === '1';

async function picture(page: Page, name: string): Promise<void> {
  const path = IS_UPDATE ? inRoot(`docs/screenshots/${name}.png`) : test.info().outputPath(`${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  const image = await page.screenshot({ path, animations: 'disabled' });
  expect(image.byteLength).toBeGreaterThan(5_000);
}

const QUESTION = 'How do I retry a request without making an outage worse?';
const BEGINNING = `Wait longer after each failure, and never exactly as long as everybody else does. Two rules carry most of it:

- **Back off exponentially**, up to a limit, so that a server that is down is not asked more and more.
- **Add jitter**: without it, all clients that failed together come back together.

`;
const REST = `\`\`\`ts
/** Milliseconds to wait before the given attempt, from 1. */
export function backoffMs(attempt: number): number {
  const limit = Math.min(15_000, 250 * 2 ** (attempt - 1));
  return limit * (0.5 + Math.random() / 2);
}
\`\`\`

| Answer | Try again? |
| --- | --- |
| 429, 503 | yes, after \`Retry-After\` |
| 500, 502, 504 | yes, if asking twice does no harm |
| 400, 401, 404 | no: it would be the same again |

Reset the counter as soon as something came through.`;

test('an empty chat', async ({ page }) => {
  await open(page);
  await expect(composer(page)).toBeVisible();
  await picture(page, 'empty');
});

test('an answer while it is written, and when it is finished', async ({ page, stack, model }) => {
  await open(page);
  await earlierChats(page, { stack, model });
  await open(page);
  await ask(page, QUESTION);
  const answer = await model.asked(QUESTION);
  answer.think(
    'The person wants to be kind to a server in trouble: backoff and jitter, then which errors are worth it.',
  );
  answer.write(BEGINNING + REST.slice(0, 180));
  await expect(answerText(page).last()).toContainText('backoffMs');
  await expect(connectionLine(page)).toHaveAttribute('data-connection', 'live');
  await picture(page, 'streaming');
  answer.reply(REST.slice(180));
  await ended(page);
  await expect(page.locator('.hljs-keyword').first()).toBeVisible();
  await picture(page, 'finished');
});

test('the list of chats, with running, ready and failed ones', async ({ page, stack, model }) => {
  await open(page);
  await earlierChats(page, { stack, model });
  const news = {
    running: 'Plan a week in the Dolomites',
    ready: 'Explain Lamport clocks',
    failed: 'Summarise this log',
  };
  for (const question of Object.values(news)) await startElsewhere(page, question, { modelId: `local/${MODEL}` });
  (await model.asked(news.ready)).reply('They count.');
  const failing = await model.asked(news.failed);
  failing.write('It');
  failing.fail();
  const running = await model.asked(news.running);
  running.write('Day one: ');
  await page.reload();
  for (const mark of ['running', 'unread', 'failed']) await expect(page.locator(`.mark.${mark}`)).toBeVisible();
  await picture(page, 'sidebar');
  running.end();
});

test('an answer that failed', async ({ page, model }) => {
  await open(page);
  await ask(page, QUESTION);
  const answer = await model.asked(QUESTION);
  answer.write(BEGINNING.trim());
  await expect(answerText(page)).toContainText('come back together');
  answer.fail();
  await expect(lastAnswer(page).locator('.outcome')).toBeVisible();
  await ended(page);
  await picture(page, 'error');
});

test('a network that was lost', async ({ page, model, network }) => {
  await open(page, `http://127.0.0.1:${network.port}/`);
  await ask(page, QUESTION);
  const answer = await model.asked(QUESTION);
  answer.write(BEGINNING);
  await expect(answerText(page)).toContainText('come back together');
  network.refuse();
  network.cut();
  await expect(connectionLine(page)).toHaveText('Reconnecting…');
  await picture(page, 'reconnecting');
  answer.end();
});

test.describe('on a phone, in the dark', () => {
  test.use({ colorScheme: 'dark', viewport: { width: 412, height: 860 }, hasTouch: true, deviceScaleFactor: 2 });
  test('an answer, and the list of chats', async ({ page, stack, model }) => {
    await open(page);
    await earlierChats(page, { stack, model });
    await open(page);
    await ask(page, QUESTION);
    (await model.asked(QUESTION)).reply(BEGINNING + REST);
    await ended(page);
    await expect(page.locator('.hljs-keyword').first()).toBeVisible();
    await picture(page, 'phone-dark');
    await showSidebar(page);
    await picture(page, 'phone-sidebar-dark');
  });
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('an answer while it is written', async ({ page, model }) => {
    await page.goto('/');
    await sendForm(page, QUESTION);
    const answer = await model.asked(QUESTION);
    answer.write(`${BEGINNING}Reset the counter as soon as`);
    const frame = page.frameLocator('iframe.live-frame');
    await expect(frame.locator('main')).toContainText('come back together');
    await picture(page, 'no-script');
    answer.end();
  });
});

/** Makes four chats, one to four days old, and marks them as read, so that the list of chats looks like a real person's list. */
async function earlierChats(page: Page, { stack, model }: { stack: Stack; model: ScriptedModel }): Promise<void> {
  const answers = {
    'Name ideas for a bakery': 'Crumb & Co. · The Proving Room · Oven Days · Second Rise · Rye Society',
    'Why is the sky dark at night?': 'Because the universe is not old enough for the light of all stars to have come.',
    'Regex for ISO dates': 'For the shape of it: `^\\d{4}-\\d{2}-\\d{2}$`. Let a date parser check the rest.',
    'Packing list for Oslo': 'Layers, a rain jacket, good shoes, and a swimsuit for the saunas in the harbour.',
  };
  let days = 0;
  for (const [title, text] of Object.entries(answers)) {
    const chatId = await startElsewhere(page, title, { modelId: `local/${MODEL}` });
    (await model.asked(title)).reply(text);
    await nothingRuns(page);
    // Opening a chat marks it as read.
    await open(page, `/chat/${chatId}`);
    await ageChat(stack, chatId, (days += 1));
  }
}
