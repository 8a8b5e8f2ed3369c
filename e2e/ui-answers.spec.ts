import { expect, test } from './ui/test.ts';
import {
  answerText,
  answers,
  ask,
  chatIdOf,
  ended,
  lastAnswer,
  open,
  questions,
  startElsewhere,
  uniqueQuestion,
  words,
} from './ui/chat-page.ts';
import { framesOf, recordFrames } from './ui/recorded-frames.ts';
import { RAW_SIGNS, RICH_ANSWER, SAMPLE_CODE } from './ui/sample-answers.ts';

test('markdown is rendered while it arrives, and unfinished markdown never shows its syntax @phone', async ({
  page,
  model,
}) => {
  await recordFrames(page);
  await open(page);
  const question = uniqueQuestion('rich');
  await ask(page, question);
  const answer = await model.asked(question);
  const text = answerText(page);
  answer.write(RICH_ANSWER.slice(0, 12));
  await expect(text).not.toBeEmpty();
  await answer.pour(RICH_ANSWER.slice(12), { piecesPerSecond: 120, pieceChars: 3 });
  answer.end();
  await ended(page);

  await expect(text.getByRole('heading', { name: 'Retrying' })).toBeVisible();
  await expect(text.getByRole('link', { name: 'link' })).toHaveAttribute('href', 'https://example.com/docs');
  await expect(text.getByRole('list').first().getByRole('listitem')).toHaveCount(4);
  await expect(text.getByRole('cell', { name: 'with it' })).toBeVisible();
  await expect(text.getByRole('columnheader')).toHaveText(['Method', 'When']);
  // Code is highlighted as soon as its block is finished.
  await expect(text.locator('pre .hljs-keyword').first()).toHaveText('export');
  await expect(text.locator('pre')).toHaveText(SAMPLE_CODE);

  const frames = await framesOf(page);
  // The number of frames depends on the machine.
  expect(frames.length).toBeGreaterThan(3);
  for (const { text } of frames) expect(text).not.toMatch(RAW_SIGNS);
});

test('code, answers and questions can be copied', async ({ page, context, model }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await open(page);
  const question = uniqueQuestion('copy');
  await ask(page, question);
  (await model.asked(question)).reply(RICH_ANSWER);
  await ended(page);
  const copied = () => page.evaluate(() => navigator.clipboard.readText());

  await page.getByRole('button', { name: 'Copy code' }).click();
  await expect.poll(copied).toBe(SAMPLE_CODE);
  await page.getByRole('button', { name: 'Copy the answer' }).click();
  await expect.poll(copied).toBe(RICH_ANSWER);
  await page.getByRole('button', { name: 'Copy the question' }).click();
  await expect.poll(copied).toBe(question);
});

test('reasoning is folded, and can be unfolded while it is written', async ({ page, model }) => {
  await open(page);
  const question = uniqueQuestion('think');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.think('First I weigh it.');
  const summary = lastAnswer(page).getByText('Thinking…');
  await expect(summary).toBeVisible();
  await expect(page.getByText('First I weigh it.')).toBeHidden();
  await summary.click();
  await expect(page.getByText('First I weigh it.')).toBeVisible();
  answer.think(' Then I decide.');
  await expect(page.getByText('First I weigh it. Then I decide.')).toBeVisible();
  answer.reply('Decided.');
  await expect(page.getByText('Decided.')).toBeVisible();
  await expect(lastAnswer(page).getByText('Thought').first()).toBeVisible();
});

test('a tool that the model used is shown with its input and output', async ({ page }) => {
  await open(page);
  await page.getByLabel('Model').selectOption('demo');
  await ask(page, 'What time is it in Tokyo?');
  const tool = lastAnswer(page).getByText('Current time · done');
  await expect(tool).toBeVisible();
  await expect(page.getByText('Asia/Tokyo').first()).toBeHidden();
  await tool.click();
  await expect(page.getByLabel('Asked')).toContainText('"Tokyo"');
  await expect(page.getByLabel('Answered')).toContainText('"utcOffset": "+09:00"');
  await expect(answerText(page).last()).toContainText(/In Tokyo it is \d\d:\d\d on \w+/);
  await ended(page);
});

// A phone has no Esc key.
for (const way of ['the Stop button', 'Esc']) {
  const phone = way === 'Esc' ? '' : ' @phone';
  test(`${way} stops an answer and keeps the written text, and Continue goes on after that text${phone}`, async ({
    page,
    model,
  }) => {
    await open(page);
    const question = uniqueQuestion('stop');
    await ask(page, question);
    const answer = await model.asked(question);
    answer.write(words(40));
    await expect(answerText(page)).toContainText('word39');
    if (way === 'Esc') await page.keyboard.press('Escape');
    else await page.getByRole('button', { name: 'Stop the answer' }).click();
    await expect(lastAnswer(page).getByText('Stopped.').first()).toBeVisible();
    await expect(answerText(page)).toHaveText(words(40));
    await expect.poll(() => answer.isAborted).toBe(true);

    await page.getByRole('button', { name: 'Continue' }).click();
    const more = await model.asked(question);
    expect(more.messages.at(-1)).toMatchObject({ role: 'assistant' });
    // The model begins with words that it has already written. The page shows these words only once.
    more.write(`${words(4, 36)} ${words(30, 40)}`);
    await expect(answerText(page)).toHaveText(words(70));
    more.end();
    await ended(page);
    await expect(answerText(page)).toHaveText(words(70));
    await expect(lastAnswer(page).getByText('Stopped.').first()).toBeHidden();
    await page.reload();
    await expect(answerText(page)).toHaveText(words(70));
  });
}

test('an answer that failed says so, and can be tried again', async ({ page, model }) => {
  await open(page);
  const question = uniqueQuestion('fail');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write('It begins');
  await expect(answerText(page)).toHaveText('It begins');
  answer.fail();
  await expect(lastAnswer(page)).toContainText('The connection to the model server was lost');
  await expect(answerText(page)).toHaveText('It begins');
  await expect(page.getByRole('button', { name: 'Continue' })).toBeVisible();
  await page.reload();
  await expect(lastAnswer(page)).toContainText('The connection to the model server was lost');

  await page.getByRole('button', { name: 'Try again' }).click();
  (await model.asked(question)).reply('Now it works.');
  await expect(answerText(page)).toHaveText('Now it works.');
  await ended(page);
  await expect(page.getByLabel('Version 2 of 2')).toBeVisible();
});

test('an answer that the model cut off says so, and Continue goes on from there', async ({ page, model }) => {
  await open(page);
  const question = uniqueQuestion('limit');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write(words(20));
  answer.cutOff();
  await expect(lastAnswer(page)).toContainText('Cut off');
  await page.reload();
  await expect(lastAnswer(page)).toContainText('Cut off');

  await page.getByRole('button', { name: 'Continue' }).click();
  (await model.asked(question)).reply(` ${words(20, 20)}`);
  await expect(answerText(page)).toHaveText(words(40));
  await ended(page);
  await expect(lastAnswer(page).getByText('Cut off')).toBeHidden();
  await expect(page.getByRole('button', { name: 'Continue' })).toBeHidden();
});

test('the cells of a matrix have gaps, and aligned equations line up at their equals signs', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('matrix');
  await ask(page, question);
  const formulas = ['\\begin{pmatrix} 1 & 2 \\end{pmatrix}', '\\begin{aligned} a + b &= c \\\\ d &= e \\end{aligned}'];
  (await model.asked(question)).reply(formulas.map((tex) => `$$${tex}$$`).join('\n\n'));
  await ended(page);
  const rects = (selector: string) =>
    answerText(page)
      .locator(selector)
      .evaluateAll((all) =>
        all.map((each) => each.getBoundingClientRect()).map(({ left, right }) => ({ left, right })),
      );
  await expect(answerText(page).locator('math')).toHaveCount(2);
  const [one, two] = await rects('mn');
  expect(two!.left - one!.right).toBeGreaterThan(8);
  const [above, below] = await rects('.tml-right > :last-child');
  expect(Math.abs(above!.right - below!.right)).toBeLessThan(1);
});

const TABLES = `| Year | Revenue | Cost |
|---|--:|--:|
| 2024 | 1,250,000 | 980,000 |
| 2025 | 12,500,000 | 1,980,000 |

| Day | Task | Done |
|---|---|---|
| Mo | Buy milk and bread for the week | no |

| # | City | Country |
|---|---|---|
| 1 | New York City | United States |

| Bee | Length (mm) | Lives where | Makes honey | Years seen | Remarks |
|:--|--:|:-:|---|---|---|
| Honey bee | 12.5 | hives everywhere | yes, a lot of it | 1758 to 2026 | the one that everybody knows |
| Bumblebee | 20 | holes in the ground | a little | 1802 to 2026 | \`Bombus terrestris\` |
| Mammoth bee | 9 | wwwwwwww | Internationalization | 1785 | **solitary** |
`;

test('no word in a table is broken @phone', async ({ page, model }) => {
  await open(page);
  const question = uniqueQuestion('tables');
  await ask(page, question);
  (await model.asked(question)).reply(TABLES);
  await ended(page);
  await page.screenshot({ path: test.info().outputPath('tables.png') });
  const broken = await answerText(page).evaluate((answer) => {
    const range = document.createRange();
    const texts = document.createNodeIterator(answer, NodeFilter.SHOW_TEXT);
    const found: string[] = [];
    for (let text = texts.nextNode(); text; text = texts.nextNode())
      for (const { 0: word, index } of (text.textContent ?? '').matchAll(/\S+/g)) {
        range.setStart(text, index);
        range.setEnd(text, index + word.length);
        if (new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1) found.push(word);
      }
    return found;
  });
  expect(broken).toEqual([]);
});

test('older versions stay reachable after Regenerate and after a question is edited @phone', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('again');
  await ask(page, question);
  (await model.asked(question)).reply('Answer one.');
  await ended(page);
  for (const text of ['Answer two.', 'Answer three.']) {
    await page.getByRole('button', { name: 'Regenerate' }).click();
    const again = await model.asked(question);
    again.write(text);
    await expect(answerText(page)).toHaveText(text);
    // The link to the older version is there while the new answer is still being written.
    await expect(lastAnswer(page)).toHaveAttribute('aria-busy', 'true');
    await expect(lastAnswer(page).getByRole('link', { name: 'Older version' })).toBeVisible();
    again.end();
    await ended(page);
  }
  await expect(page.getByLabel('Version 3 of 3')).toBeVisible();
  await page.getByRole('link', { name: 'Older version' }).click();
  await expect(page.getByLabel('Version 2 of 3')).toBeVisible();
  await expect(answerText(page)).toHaveText('Answer two.');

  // The next question follows the version that is shown.
  await ask(page, 'and then?');
  const next = await model.asked('and then?');
  expect(next.messages.map(({ content }) => content)).toEqual([question, 'Answer two.', 'and then?']);
  next.reply('Then the end.');
  await expect(answers(page)).toHaveText([/Answer two\./, /Then the end\./]);
  await ended(page);

  const edited = `${question}, edited`;
  await page.getByTitle('Edit the question').first().click();
  await page.getByLabel('The question, edited').first().fill(edited);
  await questions(page).getByRole('button', { name: 'Send' }).first().click();
  (await model.asked(edited)).reply('Another branch.');
  await expect(questions(page)).toHaveText([new RegExp(edited)]);
  await expect(answers(page)).toHaveText([/Another branch\./]);
  await ended(page);
  await questions(page).getByRole('link', { name: 'Older version' }).click();
  await expect(answers(page)).toHaveText([/Answer two\./, /Then the end\./]);
  await page.reload();
  await expect(answers(page)).toHaveText([/Answer two\./, /Then the end\./]);
});

test('the end of an answer stays in view unless the reader has scrolled up, and a button leads back to the end @phone', async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('long');
  await ask(page, question);
  const answer = await model.asked(question);
  const scroll = page.locator('.thread-scroll');
  const toEnd = () => scroll.evaluate((box) => box.scrollHeight - box.clientHeight - box.scrollTop);
  const jump = page.getByRole('button', { name: 'Jump to latest' });
  await answer.pour(`${words(800)}\n\n`, { piecesPerSecond: 2000, pieceChars: 20 });
  await expect(answerText(page)).toContainText('word799');
  await expect.poll(toEnd).toBeLessThan(24);
  await expect(jump).toBeHidden();

  await scroll.hover();
  await page.mouse.wheel(0, -400);
  await expect(jump).toBeVisible();
  const top = await scroll.evaluate((box) => box.scrollTop);
  await answer.pour(words(300, 800), { piecesPerSecond: 2000, pieceChars: 20 });
  await expect(answerText(page)).toContainText('word1099');
  expect(await scroll.evaluate((box) => box.scrollTop)).toBe(top);

  await jump.click();
  await expect.poll(toEnd).toBeLessThan(24);
  await expect(jump).toBeHidden();
  await answer.pour(`\n\n${words(200, 1100)}`, { piecesPerSecond: 2000, pieceChars: 20 });
  await expect(answerText(page)).toContainText('word1299');
  await expect.poll(toEnd).toBeLessThan(24);
  answer.end();
  await ended(page);
});

test('instructions belong to a chat and can be changed', async ({ page, model }) => {
  await open(page);
  await page.getByText('Custom instructions for this chat').click();
  await page.getByLabel('Custom instructions for this chat').fill('Answer like a pirate.');
  const question = uniqueQuestion('pirate');
  await ask(page, question);
  const answer = await model.asked(question);
  expect(answer.messages[0]).toEqual({ role: 'system', content: 'Answer like a pirate.' });
  answer.reply('Arr.');
  await ended(page);

  await page.getByTitle('Chat options').click();
  await page.getByRole('link', { name: 'Custom instructions' }).click();
  const field = page.getByRole('dialog').getByLabel('Custom instructions for this chat');
  await expect(field).toHaveValue('Answer like a pirate.');
  await field.fill('Answer like a judge.');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('dialog')).toBeHidden();
  await ask(page, 'and now?');
  const second = await model.asked('and now?');
  expect(second.messages[0]).toEqual({ role: 'system', content: 'Answer like a judge.' });
  second.reply('So be it.');
  await expect(answerText(page)).toHaveText('So be it.');
});

test('older messages that do not fit the model are left out, and the page says so', async ({ page, model }) => {
  await open(page);
  const question = uniqueQuestion('short');
  await ask(page, question);
  (await model.asked(question)).reply('Go on.');
  await ended(page);
  // About twice as long as what fits this model.
  const long = words(24_000);
  await startElsewhere(page, long, { chatId: chatIdOf(page) });
  (await model.asked(long)).reply('That was long.');
  await page.reload();
  await ended(page);
  await ask(page, 'shorter, please');
  const answer = await model.asked('shorter, please');
  answer.reply('Yes.');
  await expect(page.getByText(/no longer fit this model and were left out/).last()).toBeVisible();
  expect(answer.messages.some(({ content }) => content === long)).toBe(false);
});
