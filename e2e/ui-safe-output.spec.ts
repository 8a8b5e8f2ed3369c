import type { Page } from '@playwright/test';
import { expect, test } from './ui/test.ts';
import {
  answerText,
  ask,
  chatIdOf,
  composer,
  ended,
  lastAnswer,
  open,
  questions,
  sendForm,
  uniqueQuestion,
} from './ui/chat-page.ts';
import { startOtherSite } from './ui/other-site.ts';
import { RICH_ANSWER } from './ui/sample-answers.ts';

declare global {
  var hacked: string | undefined;
}

/** An answer that tries to run scripts, to send requests and to change the style of the page. */
const HOSTILE = `<script>window.hacked = 'script'</script>

<img src="https://evil.example/a.png" onerror="window.hacked = 'img'"><svg onload="window.hacked = 'svg'"></svg>

<iframe src="https://evil.example/frame"></iframe> <style>body { display: none }</style> <base href="https://evil.example/">

Inline <b onmouseover="window.hacked = 'b'">bold</b> and <a href="javascript:window.hacked = 'a'">anchor</a>.

[script](javascript:window.hacked='link') [mixed](JaVaScRiPt:window.hacked='mixed') [entity](java&#115;cript:window.hacked='entity')
[tab](java&Tab;script:window.hacked='tab') [data](data:text/html,<script>window.hacked='data'</script>) [vb](vbscript:x)
[here](/settings) [double](//evil.example/x) [file](file:///etc/passwd) [fine](https://example.com/fine) <javascript:window.hacked='auto'>

![pixel](https://evil.example/pixel.png) ![data](data:image/svg+xml,<svg onload=window.hacked='datasvg'>) ![quote](x" onerror="window.hacked='quote')

[reference][ref]

[ref]: javascript:window.hacked='ref'

| <img src=x onerror="window.hacked='cell'"> | <script>window.hacked='head'</script> |
| --- | --- |
| <iframe srcdoc="<script>parent.hacked='srcdoc'</script>"> | [cell](javascript:window.hacked='celllink') |

\`\`\`html
<script>window.hacked = 'code'</script><img src=x onerror="window.hacked = 'codeimg'">
\`\`\`

- [ ] <input autofocus onfocus="window.hacked = 'input'">

The end of it.`;

/** Collects the URLs of the page's requests to other hosts. */
function watchForeignRequests(page: Page, origin: string): string[] {
  const foreign: string[] = [];
  page.on('request', (request) => !request.url().startsWith(origin) && foreign.push(request.url()));
  return foreign;
}

/** Checks that the shown answer has no dangerous elements and no event handlers, and that all its links lead to https. */
async function expectHarmless(shown: ReturnType<typeof lastAnswer>): Promise<void> {
  const found = await shown.evaluate((root) => {
    const all = [...root.querySelectorAll('*')];
    return {
      elements: all
        .map(({ localName }) => localName)
        .filter((name) => /^(script|img|iframe|style|base|object|embed|form)$/.test(name)),
      handlers: all.flatMap(({ attributes }) => [...attributes]).filter(({ name }) => name.startsWith('on')).length,
      links: all.filter((element) => element.localName === 'a').map((element) => (element as HTMLAnchorElement).href),
    };
  });
  expect(found.elements).toEqual([]);
  expect(found.handlers).toBe(0);
  expect(found.links.length).toBeGreaterThan(0);
  for (const link of found.links) expect(link).toMatch(/^https:\/\//);
}

test('a hostile answer does nothing, while it is written and when it is read again', async ({ page, stack, model }) => {
  const foreign = watchForeignRequests(page, stack.baseURL);
  await open(page);
  const question = uniqueQuestion('<img src=x onerror="window.hacked=\'question\'">');
  await ask(page, question);
  const answer = await model.asked(question);
  await answer.pour(HOSTILE, { piecesPerSecond: 1500, pieceChars: 3 });
  await expect(answerText(page)).toContainText('The end of it.');
  const body = lastAnswer(page).locator('.answer');
  await expectHarmless(body);
  answer.end();
  await ended(page);
  await expectHarmless(body);
  for (const link of await body.getByRole('link').all()) {
    await expect(link).toHaveAttribute('rel', /noopener/);
    await expect(link).toHaveAttribute('target', '_blank');
  }
  await expect(questions(page).locator('.bubble')).toHaveText(question);
  await page.reload();
  await expectHarmless(body);
  await expect(composer(page)).toBeVisible();
  expect(await page.evaluate(() => globalThis.hacked)).toBeUndefined();
  expect(foreign).toEqual([]);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });
  test('a hostile answer does nothing in the iframe of the running answer', async ({ page, stack, model }) => {
    const foreign = watchForeignRequests(page, stack.baseURL);
    await page.goto('/');
    const question = uniqueQuestion('hostile frame');
    await sendForm(page, question);
    const answer = await model.asked(question);
    await answer.pour(HOSTILE, { piecesPerSecond: 5000, pieceChars: 40 });
    const frame = page.frameLocator('iframe.live-frame');
    await expect(frame.locator('.live-text').last()).toContainText('The end of it.');
    await expect(frame.getByRole('link', { name: 'fine' })).toBeVisible();
    expect(await frame.locator('.answer').locator('script, img, iframe, object, embed, form, base').count()).toBe(0);
    answer.end();
    // When the answer has ended, the rendered answer replaces the live text.
    await expect(frame.getByRole('link', { name: 'Go on with the chat' })).toBeVisible();
    await expect(frame.locator('.answer').last().getByRole('link', { name: 'fine' })).toBeVisible();
    await expectHarmless(frame.locator('.answer').last());
    expect(foreign).toEqual([]);
  });
});

test('the content security policy blocks injected scripts and foreign images and requests, and no other site may frame the page', async ({
  page,
  stack,
  model,
}) => {
  await open(page);
  const question = uniqueQuestion('policy');
  await ask(page, question);
  (await model.asked(question)).reply(RICH_ANSWER);
  await ended(page);
  const policyOf = async (path: string) => {
    const { headers, status } = await page.request.get(path).then((answer) => ({
      headers: answer.headers(),
      status: answer.status(),
    }));
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('same-origin');
    const policy = headers['content-security-policy']!;
    return { status, policy, nonce: /script-src 'self' 'nonce-([^']+)'/.exec(policy)?.[1] };
  };
  const nonces = new Set<string>();
  for (const path of ['/', `/chat/${chatIdOf(page)}`, '/settings', '/chat/unknown', '/no/such/page']) {
    const { policy, nonce } = await policyOf(path);
    expect(nonce).toMatch(/^[\w+/=]{20,}$/);
    nonces.add(nonce!);
    expect(policy).not.toMatch(/unsafe-(inline|eval)|\*/);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("img-src 'self' data:");
    for (const nothing of ['object-src', 'base-uri']) expect(policy).toContain(`${nothing} 'none'`);
    for (const own of ['frame-ancestors', 'form-action']) expect(policy).toContain(`${own} 'self'`);
  }
  expect(nonces.size).toBe(5);

  const live = await policyOf(`/chat/${chatIdOf(page)}/live/unknown`);
  expect(live.status).toBe(404);
  expect(live.policy).toContain("default-src 'none'");
  expect(live.policy).toContain("frame-ancestors 'self'");
  expect(live.policy).not.toContain('script-src');

  const violations = await page.evaluateHandle(() => {
    const blocked: string[] = [];
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => blocked.push(effectiveDirective));
    const script = document.createElement('script');
    script.textContent = 'globalThis.hacked = "inline"';
    document.body.append(script);
    new Image().src = 'https://evil.example/pixel.png';
    fetch('https://evil.example/').catch(() => undefined);
    return blocked;
  });
  const blocked = async () => (await violations.jsonValue()).toSorted();
  await expect.poll(blocked).toEqual(['connect-src', 'img-src', 'script-src-elem']);
  expect(await page.evaluate(() => globalThis.hacked)).toBeUndefined();

  const site = await startOtherSite(`<iframe src="${stack.baseURL}/" title="framed"></iframe>`);
  await page.goto(`http://localhost:${site.port}/`);
  await expect(page.frameLocator('iframe').getByRole('textbox')).toHaveCount(0);
  expect(page.frames().some((frame) => frame.url().startsWith(stack.baseURL))).toBe(false);
  await site.stop();
});

test('the app’s own pages cause no error in the console, so they do not violate the content security policy', async ({
  page,
  model,
}) => {
  const refused: string[] = [];
  page.on('console', (message) => message.type() === 'error' && refused.push(message.text()));
  page.on('pageerror', (error) => refused.push(error.message));
  await open(page);
  const question = uniqueQuestion('own');
  await ask(page, question);
  (await model.asked(question)).reply(RICH_ANSWER);
  await ended(page);
  await expect(answerText(page).locator('.hljs-keyword').first()).toBeVisible();
  await page.goto('/settings');
  await page.goBack();
  await expect(answerText(page)).toBeVisible();
  expect(refused).toEqual([]);
});
