import { createClerkInstance, serveClerkScript, setSession, type ClerkInstance, type Session } from './ui/clerk.ts';
import { ask, composer, ended, open, uniqueQuestion } from './ui/chat-page.ts';
import { closeDialog, invite, join, otherPerson, presence, SOON } from './ui/people.ts';
import { expect, test as base } from './ui/test.ts';

const test = base.extend<{ ana: Session }, { clerk: ClerkInstance }>({
  clerk: [async ({}, use) => use(createClerkInstance()), { scope: 'worker' }],
  stackEnv: [async ({ clerk }, use) => use(clerk.env), { scope: 'worker' }],
  ana: async ({ stack }, use) => use({ userId: 'user_ana', origin: stack.baseURL }),
});

test('people who are signed in with Clerk invite and join with the names of their accounts', async ({
  page: ana,
  context,
  browser,
  baseURL,
  clerk,
  ana: session,
  model,
}) => {
  // Ana's session token does not contain her name. Clerk's script knows the name, and is loaded later than the page.
  await setSession(context, await clerk.token(session));
  await serveClerkScript(ana, () => clerk.token(session), 'Ana Account');
  const question = uniqueQuestion('clerk');
  await open(ana);
  await ask(ana, question);
  (await model.asked(question)).reply('An answer.');
  await ended(ana);
  await ana.getByRole('link', { name: 'Invite someone' }).click();
  const dialog = ana.getByRole('dialog', { name: 'People' });
  await expect(dialog.getByLabel('Your name')).toHaveValue('Ana Account');
  await dialog.getByLabel('For how many people').fill('5');
  const address = await invite(ana, { role: 'Editor' });
  await closeDialog(ana);

  // Ben has no session yet. Signing in leads back to the invite. His session token contains his name.
  const path = new URL(address).pathname;
  const ben = await otherPerson(browser, { baseURL });
  await setSession(ben.context(), null);
  await ben.route(`${clerk.issuer}/**`, (route) => route.abort());
  await ben.goto(path);
  await expect(ben).toHaveURL(`/sign-in?${new URLSearchParams({ redirect_url: path })}`);
  const bens = { ...session, userId: 'user_ben' };
  await setSession(ben.context(), await clerk.token(bens, { name: 'Ben Account' }));
  await open(ben, new URL(ben.url()).searchParams.get('redirect_url')!);
  await expect(ben.getByRole('heading', { level: 1 })).toHaveText('Ana Account invites you');
  await expect(ben.getByLabel('Your name')).toHaveValue('Ben Account');
  await expect(ben.getByText('You will be able to ask and write.')).toBeVisible();
  await ben.getByRole('button', { name: 'Join' }).click();
  await expect(ben).toHaveURL(/\/chat\/~[a-z2-7]{26}$/);
  await expect(composer(ben)).toBeVisible();
  await expect(presence(ana)).toContainText('Here now: Ben Account', SOON);

  // Cid types another name than the one that Clerk's script knows. The typed name is used.
  const cid = await otherPerson(browser, { baseURL });
  const cids = { ...session, userId: 'user_cid' };
  await setSession(cid.context(), await clerk.token(cids));
  await serveClerkScript(cid, () => clerk.token(cids), 'Cid Account');
  await join(cid, address, 'Sid');
  await expect(presence(ana)).toContainText('Sid', SOON);
  await expect(presence(ana)).not.toContainText('Cid Account');
  await Promise.all([ben.context().close(), cid.context().close()]);
});
