import type { ActionFunctionArgs, LinksFunction, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { isByFirstGuest, liveStreams, operator, queryOf, rangeOf, RANGES } from '~/admin/admin.server.ts';
import { figuresOf, hasFigures, totalsOf } from '~/admin/admin-figures.ts';
import { pageAction, pageLoader } from '~/http/page-request.server.ts';
import { allActiveStreams, analytics, cancelStream } from '~/sidecar-client/sidecar.server.ts';
import stylesheetUrl from '~/styles/admin.css?url';
import { Figures } from '~/admin/figures.tsx';
import { LiveStreams } from '~/admin/live-streams.tsx';
import { Totals } from '~/admin/totals.tsx';
import { MenuButton } from '~/layout/menu-button.tsx';

export const meta: MetaFunction = () => [{ title: 'Administration · Rejoin' }];
export const links: LinksFunction = () => [{ rel: 'stylesheet', href: stylesheetUrl }];

/** `/admin`: the answers that are being written, and the history, for administrators. */
export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => {
    const caller = operator(user);
    const range = rangeOf(args.request);
    const now = Date.now();
    const [states, history] = await Promise.all([allActiveStreams(caller), analytics(caller, queryOf(range, now))]);
    return {
      streams: liveStreams(states, now),
      range,
      ranges: Object.entries(RANGES).map(([name, label]) => ({ name, label })),
      isByFirstGuest: isByFirstGuest(),
      totals: hasFigures(history) ? totalsOf(history) : [],
      figures: hasFigures(history) ? figuresOf(history) : [],
    };
  });
}

export function action(args: ActionFunctionArgs) {
  return pageAction(args, async ({ user, form, done }) => {
    await cancelStream(operator(user), String(form.get('streamId')));
    return done(`/admin?range=${rangeOf(args.request)}`);
  });
}

export default function AdminPage() {
  const { streams, range, ranges, totals, figures, isByFirstGuest } = useLoaderData<typeof loader>();
  const problem = useActionData<typeof action>();
  return (
    <main id="main" className="main" tabIndex={-1}>
      <header className="flex min-h-12 items-center gap-1 px-2">
        <MenuButton />
      </header>
      <div className="thread-scroll" tabIndex={-1}>
        <div className="admin">
          <h1 className="text-2xl font-semibold tracking-tight">Administration</h1>
          {isByFirstGuest && (
            <p className="notice">
              You are the administrator because this browser opened the link that <code>npm start</code> printed. Set{' '}
              <code>ADMIN_USER_IDS</code> to name somebody else.
            </p>
          )}
          {problem && (
            <p role="alert" className="notice danger">
              {problem.message}
            </p>
          )}
          <section aria-labelledby="live" className="grid gap-3">
            <LiveStreams streams={streams} />
          </section>
          <section aria-labelledby="history" className="grid gap-4">
            <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
              <h2 id="history" className="text-lg font-semibold">
                History
              </h2>
              <nav aria-label="How far back" className="ranges">
                {ranges.map(({ name, label }) => (
                  <Link
                    key={name}
                    to={`?range=${name}`}
                    aria-current={name === range ? 'page' : undefined}
                    preventScrollReset
                  >
                    {label}
                  </Link>
                ))}
              </nav>
            </div>
            {figures.length === 0 ? (
              <p className="text-muted">
                There are no figures of this time yet. They come a few seconds after the first answer, and are kept for
                90 days.
              </p>
            ) : (
              <>
                <Totals totals={totals} />
                <Figures figures={figures} />
              </>
            )}
            <p className="text-muted text-sm">
              All sidecars together; counts only, nothing of what was asked or answered, nor by whom.{' '}
              <a className="link" href={`/admin/analytics.json?range=${range}`} download>
                Download as JSON
              </a>
            </p>
          </section>
        </div>
      </div>
    </main>
  );
}
