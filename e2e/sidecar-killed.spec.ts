import { countDeltas } from '../testing/whole-log.ts';
import { ask, openChat, watchErrors } from './stack/open-chat.ts';
import { watchScreen } from './stack/screen.ts';
import { DEMO_ANSWER, DEMO_QUESTION, expect, test } from './stack/quick-demo.ts';
import { storedAnswer } from './stack/stored.ts';

test('when the sidecar is killed and restarted in the middle of an answer, the page shows the rest and no text disappears', async ({
  page,
  stack,
}) => {
  const errors = watchErrors(page);
  const screen = await watchScreen(page);
  const { streamId } = await openChat(page, stack, { modelId: 'synthetic/100x40@20' });
  await screen.untilShown(1000);
  await stack.sidecars[0]!.restart();

  const { text, status, frames } = await storedAnswer(stack, streamId);
  expect(status).toBe('completed');
  expect(countDeltas(text, 40)).toBe(100);
  expect(
    new Set(frames.map(({ epoch }) => epoch)).size,
    'the first owner, the second owner and the end each have an epoch',
  ).toBeGreaterThanOrEqual(3);
  await screen.untilShown(text.trim().length);
  expect(await screen.text()).toBe(text.trim());
  screen.expectSteady(text.trim());
  expect(errors).toEqual([]);
});

test('a reload while the sidecar is down shows an error page; once the sidecar is back, “Try again” shows the whole answer', async ({
  page,
  stack,
}) => {
  const screen = await watchScreen(page);
  const streamId = await ask(page, DEMO_QUESTION);
  await screen.untilShown(300);
  await stack.sidecars[0]!.kill();
  await page.reload();
  await expect(page.getByRole('heading', { name: /can’t be reached|cannot be reached/ })).toBeVisible();
  await stack.sidecars[0]!.restart();
  await page.getByRole('link', { name: 'Try again' }).click();

  const { text, status } = await storedAnswer(stack, streamId);
  expect(status).toBe('completed');
  expect(text).toBe(DEMO_ANSWER);
  await expect(page.getByText('When you can read this line, the answer is complete')).toBeVisible();
});
