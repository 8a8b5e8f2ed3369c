import { createHash } from 'node:crypto';
import { redirect, type ActionFunctionArgs, type LoaderFunctionArgs } from '@remix-run/node';
import { assertSameOrigin, cookiesOf, requireUser } from '~/auth/auth.server.ts';
import { RejoinError } from '../../shared/errors.ts';
import { readForm } from '~/http/forms/read-form.server.ts';
import { copyShared, SHARED_HEADERS, sharedAddress } from '~/shared-page/shared-page.server.ts';
import { sharedProblem } from '~/shared-page/write-page.server.ts';
import { wordsFor } from '~/words/words.server.ts';

const pathOf = ({ params }: LoaderFunctionArgs): string => `/s/${encodeURIComponent(params.secret ?? '')}`;

/** `GET /s/:secret/copy`: redirects to the public page. Only the form on that page makes a copy. */
export const loader = (args: LoaderFunctionArgs): Response => redirect(pathOf(args), { headers: SHARED_HEADERS });

/** `POST /s/:secret/copy`: copies the messages of the public page into a new chat of the reader, and opens that chat. */
export async function action(args: ActionFunctionArgs): Promise<Response> {
  try {
    assertSameOrigin(args.request);
    const { secret } = sharedAddress(args);
    const user = await requireUser(args).catch((error: unknown) => {
      if (error instanceof RejoinError && error.code === 'unauthorized') return null;
      throw error;
    });
    if (user === null) {
      const query = new URLSearchParams({ redirect_url: `/s/${secret}` });
      return redirect(`/sign-in?${query}`, { status: 303, headers: SHARED_HEADERS });
    }
    const form = await readForm(args.request);
    // A form that is sent twice makes one copy.
    const forkId = createHash('sha256')
      .update(JSON.stringify(['copy', user.userId, form.get('fresh'), secret, form.get('tag')]))
      .digest('base64url')
      .slice(0, 22);
    const { chatId } = await copyShared(user, { secret, tag: String(form.get('tag') ?? ''), forkId });
    const response = redirect(`/chat/${encodeURIComponent(chatId)}`, { status: 303, headers: SHARED_HEADERS });
    for (const cookie of cookiesOf(user)) response.headers.append('set-cookie', cookie);
    return response;
  } catch (error) {
    if (error instanceof Response) throw error;
    return sharedProblem(error, wordsFor(args.request), pathOf(args));
  }
}
