import type { Page } from '@playwright/test';
import { answerText, ask, ended, lastAnswer, open, uniqueQuestion } from './ui/chat-page.ts';
import { expect, test } from './ui/test.ts';

// There are two models, so that another one can be chosen.
test.use({ stackEnv: { OPENAI_COMPATIBLE_MODELS: 'scripted,other' } });

/** The actions that are offered below the last answer. */
const offers = (page: Page) => lastAnswer(page).locator('.outcome :is(button, a.button)');
const copy = (page: Page) => lastAnswer(page).getByRole('button', { name: 'Copy the answer' });

test('an answer that failed offers only the actions that help with its error @phone', async ({ page, model }) => {
  await open(page);

  const quota = uniqueQuestion('quota');
  model.refuse(quota, { status: 429, body: { error: { code: 'insufficient_quota', message: 'You exceeded it.' } } });
  await ask(page, quota);
  await expect(lastAnswer(page).locator('.outcome')).toContainText('quota');
  await expect(lastAnswer(page).getByLabel('Choose another model')).toBeVisible();
  await expect(offers(page)).toHaveText(['Try this model']);
  await expect(copy(page)).toHaveCount(0);

  // The other model, which is chosen here, answers the same question.
  await lastAnswer(page).getByLabel('Choose another model').selectOption('local/other');
  await offers(page).click();
  (await model.asked(quota)).reply('Yes.');
  await expect(answerText(page)).toHaveText('Yes.');
  await ended(page);
  await expect(copy(page)).toBeVisible();
  await expect(page.getByLabel('Model', { exact: true })).toHaveValue('local/other');

  const long = uniqueQuestion('long');
  model.refuse(long, {
    status: 400,
    body: { error: { code: 'context_length_exceeded', message: 'Too many tokens.' } },
  });
  await ask(page, long);
  await expect(offers(page)).toHaveText(['New chat']);
  await expect(lastAnswer(page).getByLabel('Choose another model')).toHaveCount(0);

  await offers(page).click();
  await expect(page).toHaveURL('/');

  const cut = uniqueQuestion('cut');
  await ask(page, cut);
  const answer = await model.asked(cut);
  answer.write('The beginning');
  await expect(answerText(page)).toHaveText('The beginning');
  answer.fail();
  await expect(offers(page)).toHaveText(['Continue', 'Try again']);
  await expect(copy(page)).toBeVisible();
});
