import { answerText, ask, chatRow, composer, ended, hydrated, open, uniqueQuestion, words } from './ui/chat-page.ts';
import { watchErrors } from './stack/open-chat.ts';
import { expect, test } from './ui/test.ts';

test('an answer goes on although a translator and extensions change the page while it is written', async ({
  page,
  model,
}) => {
  const errors = watchErrors(page);
  await open(page);
  const question = uniqueQuestion('translated');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write(`${words(20)}\n\n`);
  await expect(answerText(page)).toHaveText(words(20));

  await page.evaluate(() => {
    // Like Chrome's translator, this wraps every text in an element, also each text that is added later.
    const wrapTexts = (root: Node) => {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      const texts: Text[] = [];
      for (let node = walker.nextNode(); node; node = walker.nextNode()) texts.push(node as Text);
      for (const text of texts) {
        const { parentElement } = text;
        if (!parentElement || /^(FONT|SCRIPT|STYLE|TEXTAREA|OPTION|TITLE)$/.test(parentElement.tagName)) continue;
        const font = document.createElement('font');
        text.replaceWith(font);
        font.append(text);
      }
    };
    wrapTexts(document.body);
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const node of addedNodes) wrapTexts(node);
    }).observe(document.body, { childList: true, subtree: true });
    // Like an extension, this adds elements to the page, and an attribute to an existing element.
    document.body.prepend(Object.assign(document.createElement('div'), { id: 'extension' }));
    document.querySelector('#composer textarea')!.setAttribute('data-extension', 'true');
    document.querySelector('.turn')!.append(document.createElement('grammar-popup'));
  });
  answer.write(`${words(20, 20)}\n\n- a list`);
  await expect(answerText(page)).toContainText('word39');
  answer.end();
  await ended(page);
  await ask(page, 'and then?');
  (await model.asked('and then?')).reply('Then this.');
  await expect(answerText(page)).toHaveText('Then this.');
  await ended(page);
  await page.getByRole('link', { name: 'New chat' }).first().click();
  await expect(page.locator('.turn')).toHaveCount(0);
  await chatRow(page, question).getByRole('link').first().click();
  await expect(answerText(page)).toHaveText('Then this.');
  expect(errors).toEqual([]);
});

test("a selection in a growing answer stays, and the browser's search in the page finds text that is scrolled out of view", async ({
  page,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('selected');
  await ask(page, question);
  const answer = await model.asked(question);
  answer.write(`First line to select.\n\nAnd ${words(30)}`);
  await expect(answerText(page)).toContainText('word29');
  const select = (text: string) =>
    page.evaluate((wanted) => {
      const walker = document.createTreeWalker(document.querySelector('.answer')!, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const at = node.textContent!.indexOf(wanted);
        if (at < 0) continue;
        getSelection()!.setBaseAndExtent(node, at, node, at + wanted.length);
        return;
      }
      throw new Error(`“${wanted}” is not there.`);
    }, text);
  const selected = () => page.evaluate(() => getSelection()!.toString());
  // When a new chat gets its URL, React creates the elements of the page anew, which would remove a selection. So the
  // test selects nothing before the chat has its URL.
  await expect(page).toHaveURL(/\/chat\//);

  await select('line to select');
  await answer.pour(` ${words(200, 30)}\n\n`, { piecesPerSecond: 400, pieceChars: 20 });
  await expect(answerText(page)).toContainText('word229');
  expect(await selected()).toBe('line to select');
  // A selection in the line that is being written stays, too.
  answer.write('The line that grows');
  await expect(answerText(page)).toContainText('that grows');
  await select('line that grows');
  answer.write(' and grows on');
  await expect(answerText(page)).toContainText('grows on');
  expect(await selected()).toBe('line that grows');
  answer.reply('.');
  await ended(page);
  expect(await selected()).toBe('line that grows');

  await page.evaluate(() => getSelection()!.removeAllRanges());
  const found = await page.evaluate(() =>
    (window as unknown as { find(text: string): boolean }).find('First line to select'),
  );
  expect(found).toBe(true);
  expect(await selected()).toBe('First line to select');
});

test('after a new build, an open tab loads the next page as a whole document and does not lose the draft', async ({
  page,
  model,
}) => {
  // As after a new build, the scripts of the old build get a 404 until the tab loads a document of the new build.
  let isOld = true;
  await page.route(/\/assets\/_chat\.settings.*\.js/, (route) =>
    isOld ? route.fulfill({ status: 404, body: '' }) : route.continue(),
  );
  await open(page);
  const question = uniqueQuestion('build');
  await ask(page, question);
  (await model.asked(question)).reply('Before the build.');
  await ended(page);
  await composer(page).fill('a draft');
  page.on('request', (request) => {
    if (request.isNavigationRequest()) isOld = false;
  });
  await page.getByRole('link', { name: 'Settings' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Settings' })).toBeVisible();
  expect(isOld).toBe(false);
  await chatRow(page, question).getByRole('link').first().click();
  await expect(answerText(page)).toHaveText('Before the build.');
  await expect(composer(page)).toHaveValue('a draft');
});

test('at 200 % zoom everything is within the screen and can be reached', async ({ browser, stack, model }) => {
  // At 200 % zoom, a window of 1280 × 800 pixels has a viewport of 640 × 400 CSS pixels.
  const context = await browser.newContext({
    baseURL: stack.baseURL,
    viewport: { width: 640, height: 400 },
    deviceScaleFactor: 2,
  });
  const page = await context.newPage();
  await open(page);
  const question = uniqueQuestion('zoom');
  await ask(page, question);
  (await model.asked(question)).reply(`${words(80)}\n\n\`\`\`ts\n${'const value = 1; '.repeat(20)}\n\`\`\``);
  await ended(page);
  const tooWide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(await tooWide()).toBeLessThanOrEqual(0);
  await expect(composer(page)).toBeInViewport();
  await expect(page.getByRole('button', { name: 'Send' })).toBeInViewport();
  await composer(page).fill(Array.from({ length: 30 }, (_, index) => `line ${index}`).join('\n'));
  // A long text in the field leaves room for the answers above it.
  await expect(page.getByRole('button', { name: 'Send' })).toBeInViewport({ ratio: 1 });
  expect((await page.locator('.thread-scroll').boundingBox())!.height).toBeGreaterThan(60);
  for (const path of ['/settings', '/no/such/page']) {
    await page.goto(path);
    await hydrated(page);
    expect(await tooWide(), path).toBeLessThanOrEqual(0);
  }
  await context.close();
});

test('a click at any moment while the page is being hydrated does no harm', async ({ page }) => {
  const errors = watchErrors(page);
  await page.addInitScript(() => {
    const { port1, port2 } = new MessageChannel();
    // Clicks again and again, each time in a task of its own, between the tasks of the page's scripts.
    port1.onmessage = () => {
      document.querySelector('main')?.dispatchEvent(new MouseEvent('click', { bubbles: true }));
      if (performance.now() < 5000) port2.postMessage(null);
    };
    port2.postMessage(null);
  });
  for (let times = 0; times < 3; times += 1) {
    await page.goto('/');
    await hydrated(page);
  }
  expect(errors).toEqual([]);
});
