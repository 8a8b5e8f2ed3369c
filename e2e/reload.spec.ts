import { countDeltas } from '../testing/whole-log.ts';
import { ask, openChat, untilHydrated, watchErrors } from './stack/open-chat.ts';
import { watchScreen, type Screen } from './stack/screen.ts';
import { DEMO_ANSWER, DEMO_QUESTION, expect, test } from './stack/quick-demo.ts';
import { storedAnswer } from './stack/stored.ts';

const CHARS = 40;
const DELTAS = 120;

/** Reloads three times while the answer is written, each time when a random number of characters is shown. */
async function reloadThreeTimes(screen: Screen, { length }: { length: number }): Promise<void> {
  const moments = Array.from({ length: 3 }, () => Math.ceil(length * (0.05 + 0.8 * Math.random()))).sort(
    (a, b) => a - b,
  );
  test.info().annotations.push({ type: 'reloads', description: `at ${moments.join(', ')} of ${length} characters` });
  for (const moment of moments) {
    await screen.untilShown(moment);
    const rendered = await screen.reload();
    expect(rendered.length, 'the server renders what was shown').toBeGreaterThanOrEqual(moment);
  }
}

test('during three reloads at random moments, the page always shows a beginning of the same answer', async ({
  page,
  stack,
}) => {
  const errors = watchErrors(page);
  const screen = await watchScreen(page);
  const { streamId } = await openChat(page, stack, { modelId: `synthetic/${DELTAS}x${CHARS}@20` });
  await reloadThreeTimes(screen, { length: DELTAS * CHARS });

  const { text, status } = await storedAnswer(stack, streamId);
  expect(status).toBe('completed');
  expect(countDeltas(text, CHARS)).toBe(DELTAS);
  await screen.untilShown(text.trim().length);
  expect(await screen.text()).toBe(text.trim());
  expect(await screen.reload()).toBe(text.trim());
  screen.expectSteady(text.trim());
  expect(errors).toEqual([]);
});

test('three reloads change nothing in an answer with headings, lists, code and a table', async ({
  page,
  context,
  stack,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const errors = watchErrors(page);
  const screen = await watchScreen(page);
  const streamId = await ask(page, DEMO_QUESTION);
  await reloadThreeTimes(screen, { length: DEMO_ANSWER.length * 0.9 });

  const { text, status } = await storedAnswer(stack, streamId);
  expect(status).toBe('completed');
  expect(text).toBe(DEMO_ANSWER);
  await untilHydrated(page);
  await page.getByRole('button', { name: 'Copy the answer' }).click();
  await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(DEMO_ANSWER);
  const shown = await screen.text();
  expect(await screen.reload()).toBe(shown);
  screen.expectSteady(shown);
  expect(errors).toEqual([]);
});
