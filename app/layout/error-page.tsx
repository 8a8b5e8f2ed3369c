import { Link } from '@remix-run/react';
import { describeError } from '~/http/errors/describe-error.ts';
import { Icon } from '~/ui/icon.tsx';
import { useConnectivity } from '~/ui/browser/connectivity.ts';
import { fill, problemSentence, useWords, type Words } from '~/words/words.ts';

/** Shown instead of a page that failed: what happened, and links to go on. It is rendered inside the layout. */
export function ErrorPage({ error, missing }: { error: unknown; missing?: { title: string; text: string } }) {
  const words = useWords();
  const { online } = useConnectivity();
  const { status, code, title, detail } = describeError(error);
  const said = sayingOf();
  return (
    <div className="column grid grid-cols-1 content-center justify-items-start gap-3 py-10">
      <span className="error-sign" aria-hidden="true">
        <Icon name={said.icon} size={26} />
      </span>
      <h1 className="text-2xl font-semibold tracking-tight text-balance">{said.title}</h1>
      {said.text && <p className="text-muted max-w-prose text-pretty wrap-anywhere">{said.text}</p>}
      <p className="mt-2 flex flex-wrap gap-2">
        {status !== 404 && status !== 403 && (
          <a className="button primary" href="">
            {words.common.tryAgain}
          </a>
        )}
        <Link className="button" to="/">
          {words.pages.home}
        </Link>
      </p>
      {status !== null && <p className="text-muted mt-4 text-xs">{errorStatus(words, status)}</p>}
    </div>
  );

  function sayingOf(): { icon: 'warning' | 'search' | 'offline'; title: string; text: string | null } {
    const { pages } = words;
    if (!online && (status === null || status >= 500))
      return { icon: 'offline', title: pages.offline, text: pages.offlineText };
    if (status === 404) {
      return {
        icon: 'search',
        title: missing?.title ?? pages.notFound,
        text: missing?.text ?? pages.notFoundText,
      };
    }
    if (title === null) return { icon: 'warning', title: pages.wrong, text: pages.serverError };
    return { icon: 'warning', title: problemSentence(words, { code, message: title }), text: detail };
  }
}

const errorStatus = (words: Words, status: number): string => fill(words.pages.errorStatus, { status });
