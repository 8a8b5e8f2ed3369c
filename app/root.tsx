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
import { describeError } from './http/describe-error.ts';
import { useNonce } from './http/nonce.ts';
import { pageError } from './http/page-error.server.ts';
import stylesheetUrl from './styles/app.css?url';
import { themeOf, type Theme } from './http/theme.server.ts';

const ClerkRoot = lazy(() => import('./auth/clerk-root.tsx'));

export const links: LinksFunction = () => [
  { rel: 'stylesheet', href: stylesheetUrl },
  { rel: 'icon', href: '/favicon.ico', sizes: '32x32' },
];

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
  // Without the root's data, this page shows an error of the root's own loader.
  const theme = useRouteLoaderData<RootData>('root')?.theme ?? 'system';
  return (
    <html
      lang="en"
      className={theme === 'dark' ? 'dark' : undefined}
      data-theme={theme === 'system' ? undefined : theme}
      // The theme switch changes these two attributes before the server answers.
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
        <ScrollRestoration nonce={nonce} />
        <Scripts nonce={nonce} />
      </body>
    </html>
  );
}

export default function App() {
  const { clerkState } = useLoaderData<RootData>();
  if (!clerkState) return <Outlet />;
  return (
    <Suspense fallback={<Outlet />}>
      <ClerkRoot />
    </Suspense>
  );
}

export function ErrorBoundary() {
  const { status, title, detail } = describeError(useRouteError());
  return (
    <main className="mx-auto flex min-h-dvh max-w-prose flex-col justify-center gap-4 p-6">
      <p className="text-sm opacity-70">Error {status}</p>
      <h1 className="text-2xl font-semibold">{title}</h1>
      {detail && <p>{detail}</p>}
      {status >= 500 && <p>An answer that was being written goes on by itself as soon as it can.</p>}
      <p className="flex flex-wrap gap-4">
        {status !== 404 && (
          <a className="link" href="">
            Try again
          </a>
        )}
        <a className="link" href="/">
          Go to your chats
        </a>
      </p>
    </main>
  );
}
