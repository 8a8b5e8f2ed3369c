import type { LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, Link, useLoaderData } from '@remix-run/react';
import { searchQuerySchema } from '../../shared/chat/search.ts';
import { pageLoader } from '~/http/page-request.server.ts';
import { useChatActions } from '~/layout/chats/chat-actions.tsx';
import { Page } from '~/layout/page.tsx';
import { pageTitle } from '~/layout/page-title.ts';
import { hitPath } from '~/search/hit-path.ts';
import { HitText } from '~/search/hit-text.tsx';
import { searchChats } from '~/sidecar-client/sidecar.server.ts';
import { useWords } from '~/words/words.ts';
import { wordsFor } from '~/words/words.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.title);

/** A search as a page: for browsers without scripts, and for more than the first results. */
export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => {
    const { searchParams } = new URL(args.request.url);
    const { title } = wordsFor(args.request).search;
    const asked = searchQuerySchema.safeParse({
      q: searchParams.get('q') ?? '',
      ...(searchParams.has('before') ? { before: searchParams.get('before') } : {}),
    });
    if (!asked.success || asked.data.q === '') return { title, query: '', hits: [], next: null };
    return { title, query: asked.data.q, ...(await searchChats(user, asked.data)) };
  });
}

export default function SearchPage() {
  const words = useWords();
  const { query, hits: found, next } = useLoaderData<typeof loader>();
  const { gone } = useChatActions();
  const hits = found.filter(({ chatId }) => !gone.has(chatId));
  return (
    <Page>
      <div className="column grid gap-4 pb-10">
        <h1 className="text-2xl font-semibold tracking-tight">{words.search.title}</h1>
        <Form method="get" role="search" className="flex gap-2" key={query}>
          <input
            className="field"
            type="search"
            name="q"
            defaultValue={query}
            aria-label={words.search.label}
            placeholder={words.search.label}
            maxLength={200}
            autoComplete="off"
          />
          <button className="button">{words.search.title}</button>
        </Form>
        {hits.length === 0 ? (
          <p className="text-muted">{query === '' ? words.search.hint : words.search.nothing}</p>
        ) : (
          <ul className="grid gap-1">
            {hits.map((hit) => (
              <li key={hit.chatId}>
                <Link className="hit" to={`/chat/${hitPath(hit)}`}>
                  <HitText hit={hit} />
                </Link>
              </li>
            ))}
          </ul>
        )}
        {next !== null && (
          <p>
            <Link className="button" to={`?${new URLSearchParams({ q: query, before: next })}`}>
              {words.shell.older}
            </Link>
          </p>
        )}
      </div>
    </Page>
  );
}
