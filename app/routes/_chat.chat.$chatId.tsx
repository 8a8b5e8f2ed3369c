import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { useActionData, useLoaderData, useSearchParams } from '@remix-run/react';
import { idSchema } from '../../shared/ids.ts';
import { branchFromForm } from '~/no-script/branch-form.server.ts';
import { startFromForm } from '~/no-script/chat-forms.server.ts';
import { keptText } from '~/http/forms/kept-text.server.ts';
import { pageAction, pageLoader } from '~/http/page-request.server.ts';
import { chatAt, chatEnd } from '~/sidecar-client/chat-at.server.ts';
import { getChat, patchChat } from '~/sidecar-client/sidecar.server.ts';
import { withWholeText } from '~/no-script/queue-forms.server.ts';
import { ChatView } from '~/chat/chat-view.tsx';
import { ChatError } from '~/rooms/lost/chat-error.tsx';
import { presentNow } from '~/rooms/live/present-now.server.ts';
import { sayFromForm } from '~/rooms/say-form.server.ts';
import { hasPublicPage } from '~/shares/shares.server.ts';
import { templatePath } from '~/templates/template-page.server.ts';
import { newId } from '~/ui/new-id.ts';
import { wordsFor } from '~/words/words.server.ts';
import { pageTitle } from '~/layout/page-title.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.chat.title);

export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => {
    const { searchParams } = new URL(args.request.url);
    const leaf = idSchema.safeParse(searchParams.get('leaf'));
    // On a page without a script, the link to older messages has the parameter `before`.
    const before = idSchema.safeParse(searchParams.get('before'));
    const chatId = args.params.chatId ?? '';
    const isShared = hasPublicPage(user, chatId);
    const chat = before.success
      ? await getChat(user, chatId, { before: before.data })
      : leaf.success
        ? await chatAt(user, chatId, leaf.data)
        : await chatEnd(user, chatId);
    // Opening the page marks the chat as read, unless an answer is still being written. If marking fails, the page is shown anyway.
    const [here, shared] = await Promise.all([
      chat.room ? presentNow(user, chat.chatId) : [],
      isShared,
      chat.stream ? null : patchChat(user, chat.chatId, { read: true }).catch(() => undefined),
    ]);
    const whole = idSchema.safeParse(searchParams.get('whole'));
    if (whole.success) chat.queue.turns = await withWholeText(user, chatId, chat.queue.turns, whole.data);
    return { chat, here, isShared: shared, fresh: newId(), kept: keptText(args.request, { person: user.userId }) };
  });
}

export function action(args: ActionFunctionArgs) {
  const chatId = args.params.chatId ?? '';
  return pageAction(args, async ({ user, form, done }) => {
    if (form.get('intent') === 'branch') return done(`/chat/${await branchFromForm(user, chatId, form)}#latest`);
    if (form.has('say')) {
      await sayFromForm({ user, chatId, request: args.request }, form);
      return done(`/chat/${encodeURIComponent(chatId)}#latest`);
    }
    // Only a new question can name a template. An edited or waiting question that begins with "/" is sent as it is.
    if ((form.get('intent') ?? 'send') === 'send') {
      const place = { chatId, temporary: form.get('temporary') === '1' };
      const templates = await templatePath(
        { user, language: wordsFor(args.request).language },
        String(form.get('text') ?? ''),
        place,
      );
      if (templates !== null) return done(templates);
    }
    await startFromForm({ user, chatId, request: args.request }, form);
    return done(`/chat/${encodeURIComponent(chatId)}#latest`);
  });
}

export default function ChatPage() {
  const { chat, here, isShared, fresh, kept } = useLoaderData<typeof loader>();
  const problem = useActionData<typeof action>();
  const [search] = useSearchParams();
  return (
    <ChatView
      key={chat.chatId}
      chat={chat}
      chatId={chat.chatId}
      fresh={fresh}
      leafId={search.get('leaf')}
      whole={search.get('whole')}
      problem={problem ?? null}
      kept={kept}
      here={here}
      isShared={isShared}
    />
  );
}

export function ErrorBoundary() {
  return <ChatError />;
}
