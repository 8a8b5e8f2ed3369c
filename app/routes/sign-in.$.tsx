import { redirect, type LoaderFunctionArgs } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { lazy, Suspense } from 'react';
import { currentUser, signInMethod } from '~/auth/auth.server.ts';
import { useWords } from '~/words/words.ts';
import { localPath } from '~/http/local-path.server.ts';

const ClerkSignIn = lazy(() => import('~/auth/clerk-sign-in.tsx'));

/** The sign-in page. People who are already signed in are redirected to where they came from (`redirect_url`). */
export async function loader(args: LoaderFunctionArgs) {
  const returnTo = localPath(new URL(args.request.url).searchParams.get('redirect_url'));
  if (signInMethod() === 'guest' || (await currentUser(args))) throw redirect(returnTo);
  return { returnTo };
}

export default function SignInPage() {
  const { noScript } = useWords();
  const { returnTo } = useLoaderData<typeof loader>();
  return (
    <main className="grid min-h-dvh place-items-center p-6">
      <Suspense fallback={<p className="needs-script">{noScript.loadingSignIn}</p>}>
        <ClerkSignIn returnTo={returnTo} />
      </Suspense>
      <noscript>{noScript.signIn}</noscript>
    </main>
  );
}
