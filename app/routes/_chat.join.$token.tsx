import type { ActionFunctionArgs, HeadersFunction, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { isRouteErrorResponse, useActionData, useLoaderData, useRouteError } from '@remix-run/react';
import { ErrorPage } from '~/layout/error-page.tsx';
import { Page } from '~/layout/page.tsx';
import { Frame, JoinPage } from '~/rooms/join/join-page.tsx';
import { joinAction, joinLoader } from '~/rooms/join/join-page.server.ts';
import { useWords } from '~/words/words.ts';

export const meta: MetaFunction = () => [
  { title: 'Rejoin' },
  { name: 'robots', content: 'noindex' },
  // The same as SECRET_FORM_REFERRER, which code for browsers cannot import.
  { name: 'referrer', content: 'strict-origin' },
];

export const headers: HeadersFunction = ({ loaderHeaders }) => loaderHeaders;

/**
 * `/join/:token`: an invite. Opening the page changes nothing; sending its form joins the room. The headers of all responses at this
 * URL keep the token out of caches and out of the header `Referer` (app/http/edge/secret-address.server.ts).
 */
export const loader = (args: LoaderFunctionArgs) => joinLoader(args);
export const action = (args: ActionFunctionArgs) => joinAction(args);

export default function JoinRoute() {
  const problem = useActionData<typeof action>();
  return <JoinPage data={useLoaderData<typeof loader>()} problem={problem} />;
}

export function ErrorBoundary() {
  const { people } = useWords();
  const error = useRouteError();
  if (isRouteErrorResponse(error) && error.status === 404)
    return <Frame title={people.unknown} text={people.unknownText} />;
  return (
    <Page isFull>
      <ErrorPage error={error} />
    </Page>
  );
}
