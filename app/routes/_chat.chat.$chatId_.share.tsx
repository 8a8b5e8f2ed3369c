import {
  data,
  type ActionFunctionArgs,
  type HeadersFunction,
  type LoaderFunctionArgs,
  type MetaFunction,
} from '@remix-run/node';
import { Form, Link, useActionData, useLoaderData, useNavigation, useSearchParams } from '@remix-run/react';
import { saysInvalid } from '~/http/forms/invalid-form.server.ts';
import { pageAction, pageLoader } from '~/http/page-request.server.ts';
import { config } from '~/process/config.server.ts';
import { getChat } from '~/sidecar-client/sidecar.server.ts';
import { Page } from '~/layout/page.tsx';
import { pageTitle } from '~/layout/page-title.ts';
import { qrCodeSvg } from '~/shares/qr-code.server.ts';
import { shareRequestIn } from '~/shares/share-form.server.ts';
import { changeShareFromForm } from '~/shares/share-forms.server.ts';
import { SharePanel, type ShareResult } from '~/shares/share-panel.tsx';
import { createShare, listSharesOfChat } from '~/shares/shares.server.ts';
import { fill, useWords } from '~/words/words.ts';
import { wordsFor } from '~/words/words.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data: page }) => pageTitle(page?.title);

/** The page can contain a secret: the URL of a public page. */
export const headers: HeadersFunction = () => ({ 'cache-control': 'no-store' });

/** `/chat/:chatId/share`: makes public pages of a chat, and lists them. The share dialog of a chat sends the same forms to this URL. */
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
      const saved = { saved: true } satisfies ShareResult;
      return form.has('stay') ? Response.json(saved) : done(new URL(request.url).pathname);
    }
    const { url, shareId } = await saysInvalid(invalidForm, () =>
      createShare({ caller: user, request, chatId }, shareRequestIn(form)),
    );
    // Not a redirect, because no later response contains the URL.
    const result: ShareResult = { made: { shareId, url, qr: qrCodeSvg(url) } };
    return data(result, { status: 201 }) as unknown as Response;
  });
}

export default function ShareChatPage() {
  const { share, menu } = useWords();
  const page = useLoaderData<typeof loader>();
  const { chatId, title } = page;
  const result = useActionData<ShareResult>();
  // The page is also busy while it loads its data again after a form: the old list lacks the public page that was just made.
  const busy = useNavigation().state !== 'idle';
  const [search] = useSearchParams();
  return (
    <Page
      back={
        <Link to={`/chat/${encodeURIComponent(chatId)}`} className="link px-2 text-sm">
          {menu.back}
        </Link>
      }
    >
      <div className="column grid gap-6 py-6">
        <h1 className="text-2xl font-semibold tracking-tight" dir="auto">
          {fill(share.title, { title })}
        </h1>
        <SharePanel
          key={chatId}
          data={page}
          forms={{ Form, busy, stays: false }}
          result={result}
          leaf={search.get('leaf')}
        />
      </div>
    </Page>
  );
}
