import { countDeltas } from '../testing/whole-log.ts';
import { openChat } from './stack/open-chat.ts';
import { watchScreen } from './stack/screen.ts';
import { expect, test } from './stack/quick-demo.ts';
import { storedAnswer } from './stack/stored.ts';

test('two tabs show the same answer while it is written, and to its end', async ({ page, context, stack }) => {
  const first = await watchScreen(page);
  const { streamId, path } = await openChat(page, stack, { modelId: 'synthetic/80x40@20' });
  await first.untilShown(200);
  const secondPage = await context.newPage();
  const second = await watchScreen(secondPage);
  await secondPage.goto(path, { waitUntil: 'domcontentloaded' });

  // Both tabs follow the answer: each soon shows as much as the other did.
  await second.untilShown(1200);
  await first.untilShown((await second.text()).length);
  await second.untilShown((await first.text()).length);

  const { text } = await storedAnswer(stack, streamId);
  expect(countDeltas(text, 40)).toBe(80);
  for (const screen of [first, second]) {
    await screen.untilShown(text.trim().length);
    expect(await screen.text()).toBe(text.trim());
    screen.expectSteady(text.trim());
  }
});

test('an answer stopped in one tab ends in the other one at the same place', async ({ page, context, stack }) => {
  const first = await watchScreen(page);
  const { streamId, path } = await openChat(page, stack, { modelId: 'synthetic/4000x40@20' });
  const secondPage = await context.newPage();
  const second = await watchScreen(secondPage);
  await secondPage.goto(path, { waitUntil: 'domcontentloaded' });
  await Promise.all([first.untilShown(400), second.untilShown(400)]);
  await secondPage.getByRole('button', { name: 'Stop the answer' }).click();

  const { text, status } = await storedAnswer(stack, streamId);
  expect(status).toBe('cancelled');
  for (const [tab, screen] of [
    [page, first],
    [secondPage, second],
  ] as const) {
    await expect(tab.getByText('Stopped.').first()).toBeVisible();
    await expect.poll(screen.text).toBe(text.trim());
    screen.expectSteady(text.trim());
  }
});
