import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, Link, useActionData, useLoaderData } from '@remix-run/react';
import { RejoinError } from '../../shared/errors.ts';
import { localPath } from '~/http/local-path.server.ts';
import { pageAction, pageLoader } from '~/http/page-request.server.ts';
import { deleteAllChats } from '~/sidecar-client/sidecar.server.ts';
import { MenuButton } from '~/layout/menu-button.tsx';
import { ThemeSwitch } from '~/layout/theme-switch.tsx';

export const meta: MetaFunction = () => [{ title: 'Settings · Rejoin' }];

const YEAR_SECONDS = 365 * 24 * 60 * 60;

export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async ({ isOperator }) => ({ isOperator }));
}

export function action(args: ActionFunctionArgs) {
  return pageAction(args, async ({ user, form, done }) => {
    if (form.get('intent') === 'theme') {
      const theme = form.get('theme');
      const response = done(localPath(form.get('returnTo')));
      const kept =
        theme === 'light' || theme === 'dark' ? `theme=${theme}; Max-Age=${YEAR_SECONDS}` : 'theme=; Max-Age=0';
      response.headers.append('Set-Cookie', `${kept}; Path=/; SameSite=Lax`);
      return response;
    }
    if (form.get('confirm') !== 'yes') {
      throw new RejoinError('invalid_request', { detail: 'Please confirm that everything is to be deleted.' });
    }
    await deleteAllChats(user);
    return done('/');
  });
}

export default function SettingsPage() {
  const { isOperator } = useLoaderData<typeof loader>();
  const problem = useActionData<typeof action>();
  return (
    <main id="main" className="main" tabIndex={-1}>
      <header className="flex min-h-12 items-center gap-1 px-2">
        <MenuButton />
      </header>
      <div className="thread-scroll" tabIndex={-1}>
        <div className="column grid gap-8 pb-8">
          <h1 className="text-2xl font-semibold tracking-tight">Settings</h1>
          {problem && (
            <p role="alert" className="notice danger">
              {problem.message}
            </p>
          )}
          <section aria-labelledby="appearance" className="grid justify-items-start gap-2">
            <h2 id="appearance" className="font-semibold">
              Appearance
            </h2>
            <ThemeSwitch labelled />
          </section>
          {isOperator && (
            <section aria-labelledby="administration" className="grid justify-items-start gap-2">
              <h2 id="administration" className="font-semibold">
                Administration
              </h2>
              <p>
                <Link className="link" to="/admin">
                  What is being written, and what has been
                </Link>
              </p>
            </section>
          )}
          <section aria-labelledby="data" className="grid justify-items-start gap-3">
            <h2 id="data" className="font-semibold">
              Your data
            </h2>
            <p>
              <a className="link" href="/export" download>
                Export all chats as JSON
              </a>
            </p>
            <Form method="post" className="grid justify-items-start gap-2">
              <label className="flex items-center gap-2 text-sm">
                <input type="checkbox" name="confirm" value="yes" required />
                Delete all my chats and stop what is being written in them. This cannot be undone.
              </label>
              <button className="button danger" name="intent" value="delete-all">
                Delete all my data
              </button>
            </Form>
          </section>
        </div>
      </div>
    </main>
  );
}
