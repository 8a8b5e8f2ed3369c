import type { Page } from '@playwright/test';
import { countDeltas } from '../testing/whole-log.ts';
import { openChat, untilHydrated } from './stack/open-chat.ts';
import { expect, test } from './stack/proxied.ts';
import { HOOK_ANSWER, watchScreen } from './stack/screen.ts';
import { storedAnswer } from './stack/stored.ts';

/** Collects the warnings on the page's console. */
function watchWarnings(page: Page): string[] {
  const warnings: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'warning') warnings.push(message.text());
  });
  return warnings;
}

const onceAgain = (streamId: string) => [
  `The log of stream ${streamId} failed its check. It is read again from its beginning.`,
];

test('lost frames are noticed before the end: the page reads the log again from its beginning, warns once, and gets everything', async ({
  page,
  stack,
  network,
}) => {
  const warnings = watchWarnings(page);
  const screen = await watchScreen(page);
  const { streamId } = await openChat(page, stack, { modelId: 'synthetic/80x40@20' });
  await screen.untilShown(400);
  let lost = 0;
  network.rewriteReply = (piece) => {
    if (lost > 0) return piece;
    const rest = withoutFrames(piece);
    lost = piece.length - rest.length;
    return rest;
  };
  await expect.poll(() => warnings).toEqual(onceAgain(streamId));
  expect(lost).toBeGreaterThan(0);
  // The whole answer has 3200 characters. So the page noticed the loss before the end of the answer, where the SHA-256 is.
  expect((await screen.text()).length).toBeLessThan(2400);

  const { text } = await storedAnswer(stack, streamId);
  expect(countDeltas(text, 40)).toBe(80);
  await expect.poll(screen.text).toBe(text.trim());
  expect(warnings).toEqual(onceAgain(streamId));
});

test('changed bytes are noticed at the end by the SHA-256: the hook reads the log again from its beginning, warns once, and gets everything', async ({
  page,
  stack,
  network,
}) => {
  const warnings = watchWarnings(page);
  const screen = await watchScreen(page, HOOK_ANSWER);
  let spoilt = 0;
  network.rewriteReply = (piece) => {
    const at = spoilt > 0 ? -1 : piece.indexOf('while the reader');
    if (at === -1) return piece;
    spoilt += 1;
    return Buffer.concat([piece.subarray(0, at), Buffer.from('where'), piece.subarray(at + 5)]);
  };
  await page.goto(`/plain?model=${encodeURIComponent('synthetic/40x40@20')}`);
  await untilHydrated(page);
  await page.getByRole('button', { name: 'Ask with the hook' }).click();
  await expect.poll(screen.text).toContain('where the reader');

  await expect(page.getByTestId('hook-status')).toHaveText('completed', { timeout: 20_000 });
  const streamId = (await page.getByTestId('hook-stream').textContent())!;
  const { text } = await storedAnswer(stack, streamId);
  expect(countDeltas(text, 40)).toBe(40);
  expect(await page.getByTestId('hook-text').textContent()).toBe(text);
  expect(text).not.toContain('where');
  await expect(page.getByTestId('hook-completed')).toHaveText('1');
  expect(warnings).toEqual(onceAgain(streamId));
});

/** Removes the first HTTP chunk from `piece`. Changes nothing unless `piece` begins with a complete chunk that contains text. */
function withoutFrames(piece: Buffer): Buffer {
  const head = /^([0-9a-f]+)\r\n/.exec(piece.toString('latin1', 0, 16));
  if (!head) return piece;
  const end = head[0].length + Number.parseInt(head[1]!, 16) + '\r\n'.length;
  const isWhole = end <= piece.length && piece.subarray(0, end).includes('"type":"text-delta"');
  return isWhole ? piece.subarray(end) : piece;
}
