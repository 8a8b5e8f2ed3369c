import { countDeltas } from '../testing/whole-log.ts';
import { figure } from '../testing/figures.ts';
import { openChat } from './stack/open-chat.ts';
import { watchScreen } from './stack/screen.ts';
import { expect, test } from './stack/quick-demo.ts';
import { storedAnswer, storedStatus } from './stack/stored.ts';

test('an answer is written to its end without readers, and is there when the person comes back', async ({
  page,
  context,
  stack,
}) => {
  const readers = () => figure({ url: stack.sidecarUrls[0]! }, 'rejoin_readers');
  const screen = await watchScreen(page);
  const { streamId, path } = await openChat(page, stack, { modelId: 'synthetic/150x40@30' });
  await screen.untilShown(200);
  await page.close();
  await expect.poll(readers, { timeout: 10_000 }).toBe(0);
  expect(await storedStatus(stack, streamId)).toBe('active');

  const { text, status } = await storedAnswer(stack, streamId);
  expect(status).toBe('completed');
  expect(countDeltas(text, 40)).toBe(150);

  const back = await context.newPage();
  const shown = await watchScreen(back);
  await back.goto(path, { waitUntil: 'domcontentloaded' });
  await expect.poll(shown.text).toBe(text.trim());
});
