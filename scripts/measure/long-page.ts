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
 * Prints the time until one can type, the time from a key press until the screen shows it, and the memory of scripts: with
 * the page as it opens (its last messages), and when all messages have been loaded.
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
  // The first visit makes the guest's session, and fills the cache as for somebody who comes back.
  await page.goto('/');
  const chatId = await makeChat(page);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });

  const begunAt = performance.now();
  await page.goto(`/chat/${chatId}`, { waitUntil: 'commit' });
  await hydrated(page);
  console.log(`ready to type after ${(performance.now() - begunAt).toFixed(0)} ms`);
  await report('as it opens');

  const older = page.getByRole('button', { name: 'Older messages' });
  while (await older.isVisible()) {
    await page.locator('.thread-scroll').evaluate((box) => (box.scrollTop = 0));
    await page.waitForTimeout(300);
  }
  await report('with all messages');

  async function report(what: string): Promise<void> {
    const shown = await page.locator('.turn').count();
    const keys = await keyTimes(page);
    await devtools.send('HeapProfiler.collectGarbage');
    const { usedSize } = await devtools.send('Runtime.getHeapUsage');
    console.log(
      `${what}, ${shown} turns: a key ${keys} ms (median / 95 % / longest), ${(usedSize / 1e6).toFixed(1)} MB`,
    );
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

async function keyTimes(page: Page): Promise<string> {
  const field = page.getByRole('textbox', { name: 'Message' });
  await field.evaluate((element) => {
    const times: number[] = [];
    Object.assign(globalThis, { keyTimes: times });
    element.addEventListener('keydown', ({ timeStamp }) =>
      requestAnimationFrame(() => setTimeout(() => times.push(performance.now() - timeStamp))),
    );
  });
  for (let key = 0; key < KEYS; key += 1) {
    await field.press('a');
    await page.waitForTimeout(100);
  }
  const times = await page.evaluate(() => (globalThis as unknown as { keyTimes: number[] }).keyTimes);
  times.sort((a, b) => a - b);
  return [0.5, 0.95, 1].map((part) => times[Math.ceil(times.length * part) - 1]!.toFixed(0)).join(' / ');
}
