import {
  data,
  type ActionFunctionArgs,
  type HeadersFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
} from '@remix-run/node';
import { Form, Link, useActionData, useLoaderData, useNavigation, useSearchParams } from '@remix-run/react';
import { saysInvalid } from '~/http/invalid-form.server.ts';
import { pageAction, pageLoader } from '~/http/page-request.server.ts';
import { config } from '~/process/config.server.ts';
import { getChat } from '~/sidecar-client/sidecar.server.ts';
import { Page } from '~/layout/page.tsx';
import { pageTitle } from '~/layout/page-title.ts';
import { MadeShare } from '~/shares/made-share.tsx';
import { qrCodeSvg } from '~/shares/qr-code.server.ts';
import { ShareCard } from '~/shares/share-card.tsx';
import { shareRequestIn } from '~/shares/share-form.server.ts';
import { ExpiryField, ModeFields, OptionFields } from '~/shares/share-form.tsx';
import { changeShareFromForm } from '~/shares/share-forms.server.ts';
import { createShare, listSharesOfChat } from '~/shares/shares.server.ts';
import { fill, problemSentence, useWords } from '~/words/words.ts';
import { wordsFor } from '~/words/words.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data: page }) => pageTitle(page?.title);

/** The page can contain the URL of a public page, which is secret. */
export const headers: HeadersFunction = () => ({ 'cache-control': 'no-store' });

/** `/chat/:chatId/share`: makes a public page of a chat, and lists its public pages. The dialog sends the same form. */
export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => {
    const chatId = args.params.chatId ?? '';
    const [{ title }, shares] = await Promise.all([
      getChat(user, chatId, { limit: 1 }),
      listSharesOfChat(user, chatId),
    ]);
    const { shares: setting, clerk } = config();
    return { chatId, title, shares, setting, isSignInNeeded: clerk !== null && setting === 'members' };
  });
}

export function action(args: ActionFunctionArgs) {
  const { request, params } = args;
  const chatId = params.chatId ?? '';
  return pageAction(args, async ({ user, form, done }) => {
    const { invalidForm } = wordsFor(request).common;
    if (form.get('intent') !== 'make') {
      await saysInvalid(invalidForm, () => changeShareFromForm(user, form));
      return done(new URL(request.url).pathname);
    }
    const { url } = await saysInvalid(invalidForm, () =>
      createShare({ caller: user, request, chatId }, shareRequestIn(form)),
    );
    // Not a redirect, because no later response contains the URL.
    return data({ made: { url, qr: qrCodeSvg(url) } }, { status: 201 }) as unknown as Response;
  });
}

export default function ShareChatPage() {
  const words = useWords();
  const { share, menu } = words;
  const { chatId, title, shares, setting, isSignInNeeded } = useLoaderData<typeof loader>();
  const answer = useActionData<{ made?: { url: string; qr: string }; code?: string; message?: string }>();
  const busy = useNavigation().state === 'submitting';
  const [search] = useSearchParams();
  const { made, message, code = null } = answer ?? {};
  return (
    <Page
      back={
        <Link to={`/chat/${encodeURIComponent(chatId)}`} className="link px-2 text-sm">
          {menu.back}
        </Link>
      }
    >
      <div className="column grid gap-6 py-6">
        {message && (
          <p role="alert" className="notice danger">
            {problemSentence(words, { code, message })}
          </p>
        )}
        <h1 className="text-2xl font-semibold tracking-tight" dir="auto">
          {fill(share.title, { title })}
        </h1>
        {setting === 'off' ? (
          <p className="notice">{share.off}</p>
        ) : made ? (
          <div className="card">
            <MadeShare {...made} />
          </div>
        ) : (
          <Form
            method="post"
            className="card grid gap-4"
            onSubmit={(event) => {
              if (busy) event.preventDefault();
            }}
          >
            <p className="text-muted text-sm">
              {share.intro} {isSignInNeeded ? share.introMembers : share.introPublic}
            </p>
            <input type="hidden" name="once" value="1" />
            <input type="hidden" name="leaf" value={search.get('leaf') ?? ''} />
            <ModeFields />
            <ExpiryField />
            <OptionFields />
            <span>
              <button className="button primary" name="intent" value="make" aria-disabled={busy}>
                {share.make}
              </button>
            </span>
          </Form>
        )}
        {shares.length > 0 && (
          <section aria-labelledby="shares-of-chat" className="grid gap-3">
            <h2 id="shares-of-chat" className="text-lg font-semibold">
              {share.ofChat}
            </h2>
            <ul className="grid gap-3">
              {shares.map((page) => (
                <ShareCard key={page.shareId} share={page} />
              ))}
            </ul>
          </section>
        )}
        <p>
          <Link className="link" to="/settings/shares">
            {share.all}
          </Link>
        </p>
      </div>
    </Page>
  );
}
