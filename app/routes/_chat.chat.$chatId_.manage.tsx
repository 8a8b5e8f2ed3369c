import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, Link, useActionData, useLoaderData, useNavigation } from '@remix-run/react';
import { chatPatchSchema } from '../../shared/chat.ts';
import { RejoinError } from '../../shared/errors.ts';
import { localPath } from '~/http/local-path.server.ts';
import { pageAction, pageLoader } from '~/http/page-request.server.ts';
import { deleteChat, getChat, patchChat } from '~/sidecar-client/sidecar.server.ts';
import { ChatForms } from '~/layout/chat-forms.tsx';
import { MenuButton } from '~/layout/menu-button.tsx';

export const meta: MetaFunction<typeof loader> = ({ data }) => [{ title: `${data?.title ?? 'Chat'} · Rejoin` }];

/** `/chat/:chatId/manage`: title, instructions, export and deletion of one chat. */
export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => {
    const { chatId, title, instructions } = await getChat(user, args.params.chatId ?? '', { limit: 1 });
    return { chatId, title, instructions };
  });
}

export function action(args: ActionFunctionArgs) {
  const chatId = args.params.chatId ?? '';
  return pageAction(args, async ({ user, form, done }) => {
    const intent = form.get('intent');
    const returnTo = form.get('returnTo');
    if (intent === 'delete') {
      await deleteChat(user, chatId);
      return done(localPath(returnTo));
    }
    const patch = chatPatchSchema.safeParse(
      intent === 'instructions' ? { instructions: form.get('instructions') } : { title: form.get('title') },
    );
    if (!patch.success) {
      const detail = intent === 'instructions' ? 'The instructions are too long.' : 'A title has 1 to 200 characters.';
      throw new RejoinError('invalid_request', { detail });
    }
    await patchChat(user, chatId, patch.data);
    return done(returnTo === null ? `/chat/${encodeURIComponent(chatId)}` : localPath(returnTo));
  });
}

export default function ManageChatPage() {
  const { chatId, title, instructions } = useLoaderData<typeof loader>();
  const problem = useActionData<typeof action>();
  const busy = useNavigation().state === 'submitting';
  return (
    <main id="main" className="main" tabIndex={-1}>
      <header className="flex min-h-12 items-center gap-1 px-2">
        <MenuButton />
        <Link to={`/chat/${chatId}`} className="link px-2 text-sm">
          Back to the chat
        </Link>
      </header>
      <div className="thread-scroll" tabIndex={-1}>
        <div className="column grid gap-6 py-6">
          <h1 className="text-2xl font-semibold tracking-tight" dir="auto">
            {title}
          </h1>
          {problem && (
            <p role="alert" className="notice danger">
              {problem.message}
            </p>
          )}
          <Form method="post" className="grid gap-2">
            <label className="text-muted text-sm" htmlFor="chat-instructions">
              Instructions, which the model is given before the conversation
            </label>
            <textarea
              id="chat-instructions"
              className="field min-h-28"
              name="instructions"
              defaultValue={instructions}
              maxLength={32_768}
              rows={5}
              dir="auto"
            />
            <span>
              <button className="button primary" name="intent" value="instructions" disabled={busy}>
                Save the instructions
              </button>
            </span>
          </Form>
          <ChatForms chatId={chatId} title={title} form={Form} />
        </div>
      </div>
    </main>
  );
}
