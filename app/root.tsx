import type { LinksFunction, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import {
  Links,
  Meta,
  Outlet,
  Scripts,
  ScrollRestoration,
  useLoaderData,
  useRouteError,
  useRouteLoaderData,
} from '@remix-run/react';
import { lazy, Suspense, type ReactNode } from 'react';
import { rootData, signInMethod } from './auth/auth.server.ts';
import { useNonce } from './http/nonce.ts';
import { pageError } from './http/errors/page-error.server.ts';
import { ErrorPage } from './layout/error-page.tsx';
import { unlessOffline } from './layout/kept-chats.ts';
import stylesheetUrl from './styles/app.css?url';
import { themeOf, type Theme } from './http/theme.server.ts';
import { useWords, WORDS_ID, type Words } from './words/words.ts';

const ClerkRoot = lazy(() => import('./auth/clerk-root.tsx'));

export const links: LinksFunction = () => [
  { rel: 'stylesheet', href: stylesheetUrl },
  { rel: 'icon', href: '/favicon.ico', sizes: '32x32' },
];

export const shouldRevalidate = unlessOffline;

export const meta: MetaFunction = () => [{ title: 'Rejoin' }];

/** Data for every page: `useRouteLoaderData<RootData>('root')`. */
export interface RootData {
  theme: Theme;
  signIn: 'clerk' | 'guest';
  /** The initial state of Clerk's provider; only with Clerk. */
  clerkState?: unknown;
}

export async function loader(args: LoaderFunctionArgs): Promise<unknown> {
  try {
    return await rootData(args, { theme: themeOf(args.request), signIn: signInMethod() });
  } catch (error) {
    throw pageError(error);
  }
}

export function Layout({ children }: { children: ReactNode }) {
  const nonce = useNonce();
  const words = useWords();
  // Without the root's data, the root loader has failed, and this is the error page.
  const theme = useRouteLoaderData<RootData>('root')?.theme ?? 'system';
  return (
    <html
      lang={words.language}
      dir={words.direction}
      className={theme === 'dark' ? 'dark' : undefined}
      data-theme={theme === 'system' ? undefined : theme}
      // The theme switch and browser extensions change attributes of this element outside of React.
      suppressHydrationWarning
    >
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content" />
        <meta name="color-scheme" content={theme === 'system' ? 'light dark' : theme} />
        <Meta />
        <Links />
      </head>
      <body>
        {children}
        <script id={WORDS_ID} type="application/json" dangerouslySetInnerHTML={{ __html: asScript(words) }} />
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
      </body>
    </html>
  );
}

/** JSON for a script element: escaped, so that no text in it can end the element. */
const asScript = (words: Words): string => JSON.stringify(words).replaceAll('<', '\\u003c');

export default function App() {
  const { clerkState } = useLoaderData<RootData>();
  if (!clerkState) return <Outlet />;
  return (
    <Suspense fallback={<Outlet />}>
      <ClerkRoot />
    </Suspense>
  );
}

/** For errors of the root, and of routes outside `_chat.tsx`, which has its own boundary. */
export function ErrorBoundary() {
  return (
    <main id="main" className="grid min-h-dvh">
      <ErrorPage error={useRouteError()} />
    </main>
  );
}
