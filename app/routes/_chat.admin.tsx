import type { ActionFunctionArgs, LinksFunction, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Link, useActionData, useLoaderData } from '@remix-run/react';
import { isByFirstGuest, liveStreams, operator, queryOf, rangeOf, sharingNote } from '~/admin/admin.server.ts';
import { figuresOf, hasFigures, totalsOf } from '~/admin/admin-figures.ts';
import { pageAction, pageLoader } from '~/http/page-request.server.ts';
import { allActiveStreams, analytics, cancelStream } from '~/sidecar-client/sidecar.server.ts';
import stylesheetUrl from '~/styles/admin.css?url';
import { Figures } from '~/admin/figures.tsx';
import { LiveStreams } from '~/admin/live-streams.tsx';
import { Totals } from '~/admin/totals.tsx';
import { Page } from '~/layout/page.tsx';
import { pageTitle } from '~/layout/page-title.ts';
import { problemSentence, useWords } from '~/words/words.ts';
import { wordsFor } from '~/words/words.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.title);
export const links: LinksFunction = () => [{ rel: 'stylesheet', href: stylesheetUrl }];

/** `/admin`: the answers that are being written, and the history, for administrators. */
export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => {
    const caller = operator(user);
    const words = wordsFor(args.request);
    const range = rangeOf(args.request);
    const now = Date.now();
    const [states, history] = await Promise.all([allActiveStreams(caller), analytics(caller, queryOf(range, now))]);
    return {
      streams: liveStreams(states, now),
      range,
      title: words.admin.title,
      isByFirstGuest: isByFirstGuest(),
      sharing: sharingNote(words),
      totals: hasFigures(history) ? totalsOf(history, words) : [],
      figures: hasFigures(history) ? figuresOf(history, words) : [],
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
  const words = useWords();
  const { admin } = words;
  const { streams, range, totals, figures, isByFirstGuest, sharing } = useLoaderData<typeof loader>();
  const problem = useActionData<typeof action>();
  return (
    <Page>
      <div className="admin">
        <h1 className="text-2xl font-semibold tracking-tight">{admin.title}</h1>
        {isByFirstGuest && <p className="notice">{admin.firstGuest}</p>}
        {problem && (
          <p role="alert" className="notice danger">
            {problemSentence(words, problem)}
          </p>
        )}
        <section aria-labelledby="live" className="grid gap-3">
          <LiveStreams streams={streams} />
        </section>
        <section aria-labelledby="sharing" className="grid gap-1">
          <h2 id="sharing" className="text-lg font-semibold">
            {admin.shares.title}
          </h2>
          <p className="text-muted text-sm">{sharing}</p>
        </section>
        <section aria-labelledby="history" className="grid gap-4">
          <div className="flex flex-wrap items-center justify-between gap-x-6 gap-y-2">
            <h2 id="history" className="text-lg font-semibold">
              {admin.history}
            </h2>
            <nav aria-label={admin.range} className="ranges">
              {Object.entries(admin.ranges).map(([name, label]) => (
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
            <p className="text-muted">{admin.noFigures}</p>
          ) : (
            <>
              <Totals totals={totals} />
              <Figures figures={figures} />
            </>
          )}
          <p className="text-muted text-sm">
            {admin.about}{' '}
            <a className="link" href={`/admin/analytics.json?range=${range}`} download>
              {admin.download}
            </a>
          </p>
        </section>
      </div>
    </Page>
  );
}
