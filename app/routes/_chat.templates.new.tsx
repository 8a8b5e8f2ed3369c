import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useLoaderData } from '@remix-run/react';
import { idSchema } from '../../shared/ids.ts';
import { pageLoader } from '~/http/page-request.server.ts';
import { draftOf, emptyDraft } from '~/templates/draft.ts';
import { EditPage } from '~/templates/edit-page.tsx';
import { editAction } from '~/templates/edit-page.server.ts';
import { getTemplate } from '~/templates/templates.server.ts';
import { useWords } from '~/words/words.ts';
import { wordsFor } from '~/words/words.server.ts';
import { pageTitle } from '~/layout/page-title.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.title);

/** `?from=<id>`: begins as a copy of this template. */
export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => {
    const from = idSchema.safeParse(new URL(args.request.url).searchParams.get('from'));
    const draft = from.success ? draftOf(await getTemplate(user, from.data)) : emptyDraft;
    return { draft, title: wordsFor(args.request).templates.new };
  });
}

export const action = (args: ActionFunctionArgs) => editAction(args, null);

export default function NewTemplatePage() {
  const { templates } = useWords();
  const { draft } = useLoaderData<typeof loader>();
  return <EditPage title={templates.new} draft={draft} etag="" id={null} />;
}
