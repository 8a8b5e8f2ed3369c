import { chromium, type Page } from '@playwright/test';
import { expect, test } from './ui/test.ts';
import {
  answerText,
  api,
  ask,
  chatIdOf,
  chatRow,
  connectionLine,
  ended,
  nothingRuns,
  open,
  showSidebar,
  startElsewhere,
  uniqueQuestion,
  words,
} from './ui/chat-page.ts';
import { watchReaders } from './ui/open-readers.ts';
import type { ScriptedModel } from './ui/scripted-model.ts';
import { expectOnlyGrowth, framesOf, recordFrames } from './ui/recorded-frames.ts';

/** Slow enough for a test to leave and come back several times while the answer is being written. */
const PIECES_PER_SECOND = 150;

test('after a reload the page shows the text so far and continues it, and no word is missing or doubled @phone', async ({
  page,
  model,
}) => {
  await recordFrames(page);
  await open(page);
  const whole = words(600);
  const question = uniqueQuestion('reload');
  await ask(page, question);
  const answer = await model.asked(question);
  const poured = answer.pour(whole, { piecesPerSecond: PIECES_PER_SECOND, pieceChars: 8 });

  let seen = '';
  for (const word of ['word40', 'word140', 'word260']) {
    await expect(answerText(page)).toContainText(`${word} `);
    const frames = await framesOf(page);
    expectOnlyGrowth(frames, { whole, from: seen });
    seen = frames.at(-1)!.text;
    // The server's HTML already contains the text.
    const html = await (await page.request.get(page.url())).text();
    expect(html).toContain(seen.trim());
    await page.reload({ waitUntil: 'commit' });
  }
  await poured;
  answer.end();
  await expect(answerText(page)).toHaveText(whole);
  expectOnlyGrowth(await framesOf(page), { whole, from: seen });
  await ended(page);
});

test('after Back, a page that the browser has to load again continues the answer from the text so far', async ({
  page,
  model,
}) => {
  await recordFrames(page);
  await open(page);
  await leaveAndComeBack(page, { model, isKept: false });
});

test('after Back, a page from the back/forward cache (bfcache) continues the answer from the text so far @window', async ({
  stack,
  model,
  launchOptions,
}) => {
  // Playwright turns the bfcache off by default.
  const browser = await chromium.launch({ ...launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] });
  const page = await browser.newPage({ baseURL: stack.baseURL });
  await recordFrames(page);
  await open(page);
  await leaveAndComeBack(page, { model, isKept: true });
  await browser.close();
});

async function leaveAndComeBack(
  page: Page,
  { model, isKept }: { model: ScriptedModel; isKept: boolean },
): Promise<void> {
  const whole = words(60);
  const question = uniqueQuestion('back');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write(words(20));
  await expect(answerText(page)).toContainText('word19');
  await page.evaluate(() =>
    addEventListener('pageshow', ({ persisted }) => void (document.title = `kept: ${persisted}`)),
  );
  const readers = watchReaders(page);
  await page.goto('/healthz');
  answer.write(` ${words(20, 20)}`);
  await page.goBack({ waitUntil: 'commit' });
  await expect(answerText(page)).toContainText('word39');
  if (isKept) {
    // The page itself was restored, and asked for the status before it continued to read.
    await expect(page).toHaveTitle('kept: true');
    expect(readers.asked).toEqual(['status', 'resume']);
  }
  answer.write(` ${words(20, 40)}`);
  await expect(answerText(page)).toHaveText(whole);
  answer.end();
  await ended(page);
  expectOnlyGrowth(await framesOf(page), { whole, from: isKept ? '' : words(20) });
}

test('an answer whose page was closed continues from the text so far when the page is opened again', async ({
  page,
  context,
  model,
}) => {
  await open(page);
  const whole = words(60);
  const question = uniqueQuestion('close');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write(words(20));
  await expect(answerText(page)).toContainText('word19');
  const url = page.url();
  await page.close();
  answer.write(` ${words(20, 20)}`);

  const again = await context.newPage();
  await recordFrames(again);
  await open(again, url);
  await expect(answerText(again)).toContainText('word39');
  answer.write(` ${words(20, 40)}`);
  answer.end();
  await expect(answerText(again)).toHaveText(whole);
  await ended(again);
  expectOnlyGrowth(await framesOf(again), { whole, from: words(20) });
});

test('switching between two chats while both answers are written loses and doubles nothing @phone', async ({
  page,
  model,
}) => {
  await recordFrames(page);
  await open(page);
  const [left, right] = [uniqueQuestion('left'), uniqueQuestion('right')];
  const wholes = [words(300), words(300, 5000)] as const;
  await startElsewhere(page, right);
  const answerRight = await model.asked(right);
  await ask(page, left);
  const answerLeft = await model.asked(left);
  const poured = Promise.all([
    answerLeft.pour(wholes[0], { piecesPerSecond: PIECES_PER_SECOND, pieceChars: 4 }),
    answerRight.pour(wholes[1], { piecesPerSecond: PIECES_PER_SECOND, pieceChars: 4 }),
  ]);
  await expect(answerText(page)).toContainText('word20 ');
  for (const [title, word] of [
    [right, 'word5020 '],
    [left, 'word100 '],
    [right, 'word5150 '],
    [left, 'word200 '],
  ] as const) {
    await showSidebar(page);
    await chatRow(page, title).getByRole('link').first().click();
    await expect(answerText(page)).toContainText(word);
  }
  await poured;
  answerLeft.end();
  answerRight.end();
  await expect(answerText(page)).toHaveText(wholes[0]);
  await ended(page);
  const frames = await framesOf(page);
  for (const whole of wholes) {
    const own = frames.filter(({ text }) => text.startsWith(whole.slice(0, 8)));
    expectOnlyGrowth(own, { whole });
  }
  // No chat contains text of the other one.
  for (const { text } of frames) expect(wholes.some((whole) => whole.startsWith(text.trim()))).toBe(true);
});

test('the page reconnects each time the network is cut, and the connection line says so', async ({
  page,
  model,
  network,
}) => {
  await recordFrames(page);
  await open(page, `http://127.0.0.1:${network.port}/`);
  const whole = words(90);
  const line = await recordLine(page);
  const question = uniqueQuestion('cut');
  await ask(page, question);
  const answer = await model.asked(question);
  for (const round of [0, 1, 2]) {
    answer.write(`${round > 0 ? ' ' : ''}${words(15, round * 30)}`);
    await expect(answerText(page)).toContainText(`word${round * 30 + 14}`);
    await expect(connectionLine(page)).toHaveAttribute('data-connection', 'live');
    network.refuse();
    network.cut();
    await expect(connectionLine(page)).toHaveText('Reconnecting…');
    answer.write(` ${words(15, round * 30 + 15)}`);
    network.accept();
    await expect(answerText(page)).toContainText(`word${round * 30 + 29}`);
  }
  answer.end();
  await ended(page);
  await expect(answerText(page)).toHaveText(whole);
  expectOnlyGrowth(await framesOf(page), { whole });
  // There is no message while the connection works.
  expect([...new Set(await line())]).toEqual(['Reconnecting…']);
});

/** Records every text of the connection line from now on, even if it is shown only briefly. Call the result to get the texts. */
async function recordLine(page: Page): Promise<() => Promise<string[]>> {
  const said = await page.evaluateHandle(() => {
    const texts: string[] = [];
    const look = () => {
      const text = document.querySelector('[data-connection]')?.textContent;
      if (text && text !== texts.at(-1)) texts.push(text);
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
    return texts;
  });
  return () => said.jsonValue();
}

test('the page says when it is offline; once online again, it asks for the status and shows the rest of the answer', async ({
  page,
  context,
  stack,
  model,
  network,
}) => {
  await recordFrames(page);
  await open(page, `http://127.0.0.1:${network.port}/`);
  const question = uniqueQuestion('offline');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write(words(10));
  await expect(answerText(page)).toContainText('word9');
  network.refuse();
  await context.setOffline(true);
  network.cut();
  await expect(connectionLine(page)).toHaveAttribute('data-connection', 'offline');
  await expect(connectionLine(page)).toContainText('You’re offline.');
  answer.write(` ${words(10, 10)}`);
  answer.end();
  // The answer must have ended before the page asks for its status.
  await nothingRuns(page, stack.baseURL);
  // Requests that the page sends while it is offline get no response. So `first` is the response to the first request that the page
  // sends when it is online again.
  const first = page.waitForResponse(/\/api\/stream\/(?:status|resume)\//);
  network.accept();
  await context.setOffline(false);
  await expect(answerText(page)).toHaveText(words(20));
  expect((await first).url()).toContain('/api/stream/status/');
  await expect(connectionLine(page)).toHaveText('Finished while you were away');
  expectOnlyGrowth(await framesOf(page), { whole: words(20) });
});

test('a page whose chat is deleted while the page reconnects says that the chat is not found, and stops reconnecting', async ({
  page,
  stack,
  model,
  network,
}) => {
  await open(page, `http://127.0.0.1:${network.port}/`);
  const question = uniqueQuestion('gone');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write('Written so far');
  await expect(answerText(page)).toHaveText('Written so far');
  network.refuse();
  network.cut();
  await expect(connectionLine(page)).toHaveText('Reconnecting…');

  // The chat is deleted on another device, which can reach the app.
  const deleted = await api(page, 'DELETE', `/api/chats/${chatIdOf(page)}`, { origin: stack.baseURL });
  expect(deleted.status()).toBe(204);
  network.accept();
  await expect(page.getByRole('heading', { name: 'Chat not found' })).toBeVisible();
  const readers = watchReaders(page);
  await page.evaluate(() => dispatchEvent(new Event('online')));
  // A page that still reconnects would send a request within this time.
  await page.waitForTimeout(1500);
  expect(readers.asked).toEqual([]);
});

test('if an answer ends and its stream is removed while the page reconnects, the page shows the answer that is stored in the chat', async ({
  page,
  stack,
  model,
  network,
}) => {
  await open(page, `http://127.0.0.1:${network.port}/`);
  const question = uniqueQuestion('expired');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write('Written so far');
  await expect(answerText(page)).toHaveText('Written so far');
  network.refuse();
  network.cut();
  answer.reply(', and to its end.');
  const past = { origin: stack.baseURL };
  await nothingRuns(page, past.origin);
  await api(page, 'POST', '/api/stream/cleanup', { ...past, data: { action: 'force' } });
  network.accept();
  await expect(answerText(page)).toHaveText('Written so far, and to its end.');
  await ended(page);
  await expect(page.getByRole('alert')).toHaveCount(0);
});
