import { randomUUID } from 'node:crypto';
import { chromium, type Page } from '@playwright/test';
import { startStack } from '../../e2e/stack/start-stack.ts';
import { hydrated } from '../../e2e/ui/chat-page.ts';
import { longAnswer } from '../../e2e/ui/long-answer.ts';
import { installedBrowsers } from '../test/installed-browsers.ts';

/**
 * Measures what a chat of many messages costs the browser, with the processor slowed down to a quarter of its speed.
 *
 *     node scripts/measure/long-page.ts [messages] [characters of an answer]    (after `npm run build`)
 *
 * The first line of the output shows at which time the first key was pressed in the text field, and at which time React had hydrated
 * the page. The next three lines show how long it takes from a key press until the letter is on the screen: while the page loads, when
 * the page shows the last messages, and when the page shows all messages. The last two lines also show the size of the JavaScript
 * heap. Throws if a letter that was typed while the page loaded is lost.
 */
const [count = 300, chars = 4000] = process.argv.slice(2).map(Number);
const SLOWER = 4;
const KEYS = 40;

const stack = await startStack();
const browser = await chromium.launch({
  executablePath: installedBrowsers().whole,
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const page = await browser.newPage({ baseURL: stack.baseURL });
  // The first visit creates the guest's session and fills the browser's cache. The visit that is measured is the second one.
  await page.goto('/');
  const chatId = await makeChat(page);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });

  await page.addInitScript(observeKeys);
  await page.goto(`/chat/${chatId}`, { waitUntil: 'commit' });
  await page.waitForFunction(() => {
    const field = document.querySelector<HTMLElement>('.composer textarea');
    const isPainted = performance.getEntriesByName('first-contentful-paint').length > 0;
    if (field && isPainted) field.focus();
    return field !== null && isPainted;
  });
  let isHydrated = false;
  const hydration = hydrated(page).then(() => {
    isHydrated = true;
    return page.evaluate(() => performance.now());
  });
  let typed = 0;
  for (; !isHydrated || typed === 0; typed += 1) await pressKey(page);
  const hydratedMs = await hydration;
  const loading = await takeKeys(page);
  const first = loading[0]!;
  console.log(
    `first key pressed at ${first.at.toFixed(0)} ms, on the screen ${first.took.toFixed(0)} ms later; hydrated before ${hydratedMs.toFixed(0)} ms`,
  );
  console.log(`${typed} keys until the page is hydrated: ${summary(loading)}`);
  const kept = await page.locator('.composer textarea').inputValue();
  if (kept !== 'a'.repeat(typed)) throw new Error(`${typed} letters were typed, and ${kept.length} are there`);
  await report('as it opens');

  const older = page.locator('.thread-scroll button', { hasText: 'Older messages' });
  while (await older.isVisible()) {
    await page.locator('.thread-scroll').evaluate((box) => (box.scrollTop = 0));
    await page.waitForTimeout(300);
  }
  await report('with all messages');

  async function report(what: string): Promise<void> {
    const shown = await page.locator('.turn').count();
    for (let key = 0; key < KEYS; key += 1) await pressKey(page);
    const keys = summary(await takeKeys(page));
    await devtools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await devtools.send('Runtime.getHeapUsage');
    console.log(`${what}, ${shown} turns: ${keys}, ${(usedSize / 1e6).toFixed(1)} MB`);
  }
} finally {
  await browser.close();
  await stack.stop();
}

async function makeChat(page: Page): Promise<string> {
  const chatId = randomUUID();
  const answer = longAnswer(chars);
  const messages = Array.from({ length: count - 1 }, (_, i) => ({
    role: i % 2 === 0 ? 'user' : 'assistant',
    content: i % 2 === 0 ? `Question ${i}?` : answer,
  }));
  const data = { chatId, messageId: randomUUID(), modelId: 'synthetic/2x20@0', messages };
  const headers = { origin: stack.baseURL };
  const response = await page.request.post('/api/stream/start', { data, headers });
  if (response.status() !== 201) throw new Error(`no stream: status ${response.status()}, ${await response.text()}`);
  await page.waitForTimeout(1000);
  return chatId;
}

/** A key press: when it happened, and the time until the frame that shows it, in ms. */
interface Key {
  at: number;
  took: number;
}

declare global {
  var pressedKeys: Key[];
}

function observeKeys(): void {
  globalThis.pressedKeys = [];
  addEventListener(
    'keydown',
    ({ timeStamp: at }) =>
      requestAnimationFrame(() => setTimeout(() => pressedKeys.push({ at, took: performance.now() - at }))),
    { capture: true },
  );
}

/**
 * Presses a key in the focused field, and then waits 100 ms, like a fast typist. `locator.press` is not used, because it searches for
 * the field at each key, which slows the page down.
 */
async function pressKey(page: Page): Promise<void> {
  await page.keyboard.press('a');
  await page.waitForTimeout(100);
}

/** The keys since the last call. */
async function takeKeys(page: Page): Promise<Key[]> {
  await page.waitForTimeout(1000);
  return page.evaluate(() => pressedKeys.splice(0));
}

function summary(keys: Key[]): string {
  const times = keys.map(({ took }) => took).sort((a, b) => a - b);
  const [median, most, longest] = [0.5, 0.95, 1].map((part) => times[Math.ceil(times.length * part) - 1]!.toFixed(0));
  return `a key ${median} / ${most} / ${longest} ms (median / 95 % / longest)`;
}
