import { redirect, type ActionFunctionArgs, type LoaderFunctionArgs, type MetaFunction } from '@remix-run/node';
import { useActionData, useLoaderData } from '@remix-run/react';
import { useState } from 'react';
import { ID_PATTERN } from '../../shared/ids.ts';
import { startFromForm } from '~/no-script/chat-forms.server.ts';
import { keptText } from '~/http/forms/kept-text.server.ts';
import { pageAction, pageLoader } from '~/http/page-request.server.ts';
import { ChatView } from '~/chat/chat-view.tsx';
import { templatePath } from '~/templates/template-page.server.ts';
import { placeQuery } from '~/templates/template-place.ts';
import { newId } from '~/ui/new-id.ts';
import { wordsFor } from '~/words/words.server.ts';
import { pageTitle } from '~/layout/page-title.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.title);

/**
 * `?template=review&focus=x` redirects to the page of the template `review`, with `x` in the blank `focus`.
 *
 * `fresh`: the id of the chat that this page's form starts, so that a form that is sent twice starts one chat.
 */
export function loader(args: LoaderFunctionArgs) {
  const title = wordsFor(args.request).common.newChat;
  return pageLoader(args, async ({ userId }) => {
    const kept = keptText(args.request, { person: userId });
    const { searchParams } = new URL(args.request.url);
    const template = searchParams.get('template');
    if (template !== null) {
      searchParams.delete('template');
      throw redirect(`/templates/${encodeURIComponent(template)}?${searchParams}`);
    }
    const temporary = searchParams.get('temporary') === '1';
    return { fresh: newId(), kept, title, temporary };
  });
}

export function action(args: ActionFunctionArgs) {
  return pageAction(args, async ({ user, form, done }) => {
    const fresh = String(form.get('fresh') ?? '');
    const chatId = ID_PATTERN.test(fresh) ? fresh : newId();
    const place = { chatId: null, temporary: form.get('temporary') === '1' };
    const templateId = String(form.get('template') ?? '');
    const templates = ID_PATTERN.test(templateId)
      ? `/templates/${templateId}${placeQuery(place)}`
      : await templatePath({ user, language: wordsFor(args.request).language }, String(form.get('text') ?? ''), place);
    // The template's page gets the instructions that were typed here.
    if (templates !== null) return done(templates, String(form.get('instructions') ?? '').trim());
    await startFromForm({ user, chatId, request: args.request }, form);
    return done(`/chat/${chatId}#latest`);
  });
}

export default function NewChatPage() {
  const { fresh, kept, temporary } = useLoaderData<typeof loader>();
  const problem = useActionData<typeof action>();
  // The loader runs again now and then. The page keeps the chat id with which it began.
  const [chatId] = useState(fresh);
  return (
    <ChatView
      chat={null}
      chatId={chatId}
      fresh={chatId}
      leafId={null}
      problem={problem ?? null}
      kept={kept}
      beginsTemporary={temporary}
    />
  );
}
