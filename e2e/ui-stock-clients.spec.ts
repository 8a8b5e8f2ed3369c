import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import type { Page } from '@playwright/test';
import { expect, test } from './ui/test.ts';
import { answerText, answers, api, open, startElsewhere, uniqueQuestion, words } from './ui/chat-page.ts';
import { expectOnlyGrowth, framesOf, recordFrames } from './ui/recorded-frames.ts';
import { bundleStockPage, serveStockPage } from './ui/stock-page.ts';

const curl = promisify(execFile);

test.describe('an unmodified useChat({ resume: true })', () => {
  let script: string;
  test.beforeAll(async () => {
    script = await bundleStockPage();
  });

  async function openStock(page: Page): Promise<string> {
    await serveStockPage(page, script);
    await open(page); // this makes the browser a guest
    const chatId = randomUUID();
    await page.goto(`/stock?chat=${chatId}`);
    return chatId;
  }
  const status = (page: Page) => page.locator('output');
  async function send(page: Page, text: string): Promise<void> {
    await page.getByLabel('Text').fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
  }

  test('sends and streams, and after a reload shows the rest of the answer without a missing or repeated word', async ({
    page,
    model,
  }) => {
    await recordFrames(page);
    await openStock(page);
    const question = uniqueQuestion('stock');
    await send(page, question);
    const answer = await model.asked(question);
    const whole = words(200);
    const poured = answer.pour(whole, { piecesPerSecond: 100, pieceChars: 8 });
    await expect(answerText(page)).toContainText('word30 ');
    expectOnlyGrowth(await framesOf(page), { whole });
    await page.reload();
    await expect(answerText(page)).toContainText('word60 ');
    await expect(status(page)).toHaveText('streaming');
    await poured;
    answer.end();
    await expect(status(page)).toHaveText('ready');
    await expect(answerText(page)).toHaveText(whole);
    await expect(answers(page)).toHaveCount(1);
    expectOnlyGrowth(await framesOf(page), { whole });
    await expect(page.getByRole('alert')).toBeEmpty();
  });

  test('reports a cut as an error, and shows the whole answer after a reload', async ({ page, model, network }) => {
    await serveStockPage(page, script);
    await open(page, `http://127.0.0.1:${network.port}/`);
    await page.goto(`http://127.0.0.1:${network.port}/stock?chat=${randomUUID()}`);
    const question = uniqueQuestion('stock cut');
    await send(page, question);
    const answer = await model.asked(question);
    answer.write(words(20));
    await expect(answerText(page)).toContainText('word19');
    network.cut();
    // `useChat` does not reconnect by itself, but it must not treat the cut as the end of the answer.
    await expect(status(page)).toHaveText('error');
    answer.write(` ${words(20, 20)}`);
    await page.reload();
    await expect(answerText(page)).toContainText('word39');
    answer.end();
    await expect(status(page)).toHaveText('ready');
    await expect(answerText(page)).toHaveText(words(40));
  });

  test('has no error in a new chat; a reload shows an answer that has just ended, and so does the chat page of the app', async ({
    page,
    model,
  }) => {
    const chatId = await openStock(page);
    await expect(status(page)).toHaveText('ready');
    await expect(page.getByRole('alert')).toBeEmpty();
    const question = uniqueQuestion('stock twice');
    await send(page, question);
    (await model.asked(question)).reply('The first answer.');
    await expect(status(page)).toHaveText('ready');
    await page.reload();
    await expect(answerText(page)).toHaveText('The first answer.');
    await expect(status(page)).toHaveText('ready');

    await open(page, `/chat/${chatId}`);
    await expect(answerText(page)).toHaveText('The first answer.');
  });

  test('sends a second question, and regenerates its answer as a second version', async ({ page, model }) => {
    const chatId = await openStock(page);
    const question = uniqueQuestion('stock again');
    await send(page, question);
    (await model.asked(question)).reply('One.');
    await expect(status(page)).toHaveText('ready');
    await send(page, 'go on');
    const second = await model.asked('go on');
    expect(second.messages.map(({ content }) => content)).toEqual([question, 'One.', 'go on']);
    second.reply('Two.');
    await expect(answers(page)).toHaveText(['One.', 'Two.']);
    await expect(status(page)).toHaveText('ready');
    await page.getByRole('button', { name: 'Regenerate' }).click();
    (await model.asked('go on')).reply('Two, differently.');
    await expect(answers(page)).toHaveText(['One.', 'Two, differently.']);
    await expect(status(page)).toHaveText('ready');
    await open(page, `/chat/${chatId}`);
    await expect(page.getByLabel('Version 2 of 2')).toBeVisible();
  });
});

test('a native EventSource reconnects after a cut, and closes for good at the end of the answer', async ({
  page,
  model,
  network,
}) => {
  await open(page, `http://127.0.0.1:${network.port}/settings`);
  const question = uniqueQuestion('event source');
  const chatId = await startElsewhere(page, question);
  const chat = (await (await api(page, 'GET', `/api/chats/${chatId}`)).json()) as { stream: { streamId: string } };
  const url = `/api/stream/resume/${chat.stream.streamId}`;
  const statuses: number[] = [];
  page.on('response', (response) => response.url().endsWith(url) && statuses.push(response.status()));
  const source = await page.evaluateHandle((address) => {
    const events = new EventSource(address);
    const seen = { events, data: [] as string[] };
    events.onmessage = ({ data }) => seen.data.push(String(data));
    return seen;
  }, url);
  const data = () => source.evaluate((seen) => seen.data);
  const text = async () =>
    (await data())
      .filter((line) => line !== '[DONE]')
      .map((line) => JSON.parse(line) as { type: string; delta?: string })
      .map(({ type, delta }) => (type === 'text-delta' ? delta : ''))
      .join('');

  const answer = await model.asked(question);
  answer.write(words(10));
  await expect.poll(text).toBe(words(10));
  network.cut();
  answer.write(` ${words(10, 10)}`);
  await expect.poll(text).toBe(words(20));
  answer.end();
  await expect.poll(async () => (await data()).at(-1)).toBe('[DONE]');
  // When a response ends, an EventSource sends its request again. A response with the status 204 closes the EventSource for good:
  // `readyState` becomes 2.
  await expect.poll(() => source.evaluate(({ events }) => events.readyState)).toBe(2);
  expect(statuses).toEqual([200, 200, 204]);
});

test('curl gets the text of an answer from one POST /api/stream, and afterwards the same text from /api/stream/resume', async ({
  stack,
  model,
}) => {
  const question = uniqueQuestion('curl');
  const reply = `${words(30)} and that is all ✅`;
  const body = JSON.stringify({ messages: [{ role: 'user', content: question }] });
  const json = ['-H', 'content-type: application/json'];
  const asking = curl('curl', ['-sSN', '-i', ...json, '-d', body, `${stack.baseURL}/api/stream`]);
  const answer = await model.asked(question);
  answer.write(reply.slice(0, 40));
  answer.write(reply.slice(40));
  answer.end();
  const { stdout } = await asking;
  const [head, text] = stdout.split('\r\n\r\n') as [string, string];
  expect(text).toBe(reply);
  expect(head).toMatch(/^HTTP\/1\.1 200/);
  expect(head).toMatch(/content-type: text\/plain/i);
  const streamId = /x-stream-id: (\S+)/i.exec(head)![1]!;
  const cookie = /set-cookie: ([^;]+)/i.exec(head)![1]!;
  const again = await curl('curl', [
    '-sS',
    '-H',
    `cookie: ${cookie}`,
    `${stack.baseURL}/api/stream/resume/${streamId}`,
  ]);
  expect(again.stdout).toBe(reply);
});
