import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, Link, useActionData, useLoaderData, useNavigation } from '@remix-run/react';
import { RejoinError } from '../../shared/errors.ts';
import { saysInvalid } from '~/http/forms/invalid-form.server.ts';
import { pageAction, pageLoader } from '~/http/page-request.server.ts';
import { config } from '~/process/config.server.ts';
import { Page } from '~/layout/page.tsx';
import { pageTitle } from '~/layout/page-title.ts';
import { ShareCard } from '~/shares/share-card.tsx';
import { changeShareFromForm } from '~/shares/share-forms.server.ts';
import { listShares, revokeShares } from '~/shares/shares.server.ts';
import { problemSentence, useWords } from '~/words/words.ts';
import { wordsFor } from '~/words/words.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.title);

/** `/settings/shares`: all public pages of the person. */
export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => ({
    title: wordsFor(args.request).share.list,
    shares: await listShares(user),
    isOff: config().shares === 'off',
  }));
}

export function action(args: ActionFunctionArgs) {
  return pageAction(args, async ({ user, form, done }) => {
    const { common, settings } = wordsFor(args.request);
    if (form.get('intent') !== 'revoke-all')
      await saysInvalid(common.invalidForm, () => changeShareFromForm(user, form));
    else if (form.get('confirm') === 'yes') await revokeShares(user);
    else throw new RejoinError('invalid_request', { detail: settings.confirmFirst });
    return done('/settings/shares');
  });
}

export default function SharesPage() {
  const words = useWords();
  const { share, shell } = words;
  const { shares, isOff } = useLoaderData<typeof loader>();
  const problem = useActionData<typeof action>();
  const busy = useNavigation().state === 'submitting';
  return (
    <Page
      back={
        <Link to="/settings" className="link px-2 text-sm">
          {shell.settings}
        </Link>
      }
    >
      <div className="column grid gap-5 py-6">
        <h1 className="text-2xl font-semibold tracking-tight">{share.list}</h1>
        <p className="text-muted text-sm">{isOff ? share.off : share.listText}</p>
        {problem && (
          <p role="alert" className="notice danger">
            {problemSentence(words, problem)}
          </p>
        )}
        {shares.length === 0 ? (
          <p>{share.none}</p>
        ) : (
          <>
            <ul className="grid gap-3">
              {shares.map((page) => (
                <ShareCard key={page.shareId} share={page} forms={{ Form, busy, stays: false }} linksToChat />
              ))}
            </ul>
            <Form method="post" className="card grid justify-items-start gap-3">
              <label className="flex items-center gap-2 text-sm">
                <input type="checkbox" name="confirm" value="yes" required />
                {share.revokeAllText}
              </label>
              <button className="button danger" name="intent" value="revoke-all">
                {share.revokeAll}
              </button>
            </Form>
          </>
        )}
      </div>
    </Page>
  );
}
