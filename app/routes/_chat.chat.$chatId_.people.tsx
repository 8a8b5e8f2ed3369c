import type { ActionFunctionArgs, HeadersFunction, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { branchFromForm } from '~/no-script/branch-form.server.ts';
import { ChatError } from '~/rooms/lost/chat-error.tsx';
import { PeoplePage } from '~/rooms/people/people-page.tsx';
import { peopleAction, peopleLoader, type PeopleResult } from '~/rooms/people/people-page.server.ts';
import { pageTitle } from '~/layout/page-title.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.title);

/** The page can contain the URL of an invite, which is secret. */
export const headers: HeadersFunction = () => ({ 'cache-control': 'no-store' });

export const loader = (args: LoaderFunctionArgs) => peopleLoader(args);

export const action = (args: ActionFunctionArgs) => peopleAction(args, { branch: branchFromForm });

export default function ChatPeoplePage() {
  return <PeoplePage data={useLoaderData<typeof loader>()} result={useActionData() as PeopleResult | undefined} />;
}

export function ErrorBoundary() {
  return <ChatError />;
}
