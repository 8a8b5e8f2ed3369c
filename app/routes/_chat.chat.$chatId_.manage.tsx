import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from '@remix-run/node';
import { Form, Link, useActionData, useLoaderData, useNavigation, useSearchParams } from '@remix-run/react';
import { chatPatchSchema, type ChatPatch } from '../../shared/chat/chat.ts';
import { RejoinError } from '../../shared/errors.ts';
import { localPath } from '~/http/local-path.server.ts';
import { pageAction, pageLoader } from '~/http/page-request.server.ts';
import { deleteChat, getChat, patchChat } from '~/sidecar-client/sidecar.server.ts';
import { InstructionsField, TitleField } from '~/layout/dialogs/chat-fields.tsx';
import { Page } from '~/layout/page.tsx';
import { pageTitle } from '~/layout/page-title.ts';
import { ChatError } from '~/rooms/lost/chat-error.tsx';
import { Icon } from '~/ui/icon.tsx';
import { fill, problemSentence, useWords } from '~/words/words.ts';
import { wordsFor } from '~/words/words.server.ts';

export const meta: MetaFunction<typeof loader> = ({ data }) => pageTitle(data?.title);

/** The actions of a chat's menu as a page of forms. Members who do not own the chat can only export it and see its people. */
export function loader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => {
    const chat = await getChat(user, args.params.chatId ?? '', { limit: 1 });
    const { chatId, title, instructions, pinned, archived, temporary } = chat;
    const isOwner = (chat.room?.role ?? 'owner') === 'owner';
    const others = (chat.room?.people ?? 1) - 1;
    return { chatId, title, instructions, pinned, archived, temporary, isOwner, others };
  });
}

const MOVES = new Map<string, ChatPatch>([
  ['pin', { pinned: true }],
  ['unpin', { pinned: false }],
  ['archive', { archived: true }],
  ['unarchive', { archived: false }],
]);

export function action(args: ActionFunctionArgs) {
  const chatId = args.params.chatId ?? '';
  const { menu } = wordsFor(args.request);
  return pageAction(args, async ({ user, form, done }) => {
    const intent = form.get('intent');
    const returnTo = form.get('returnTo');
    if (intent === 'delete') {
      // A deletion is final, so it has to be confirmed.
      if (form.get('confirm') !== 'yes') return done(`/chat/${encodeURIComponent(chatId)}/manage?confirm=delete`);
      await deleteChat(user, chatId);
      return done(localPath(returnTo));
    }
    const move = MOVES.get(String(intent));
    if (move) {
      await patchChat(user, chatId, move);
      return done(returnTo === null ? `/chat/${encodeURIComponent(chatId)}` : localPath(returnTo));
    }
    const patch = chatPatchSchema.safeParse(
      intent === 'instructions' ? { instructions: form.get('instructions') } : { title: form.get('title') },
    );
    if (!patch.success) {
      const detail = intent === 'instructions' ? menu.instructionsTooLong : menu.titleLength;
      throw new RejoinError('invalid_request', { detail });
    }
    await patchChat(user, chatId, patch.data);
    return done(returnTo === null ? `/chat/${encodeURIComponent(chatId)}` : localPath(returnTo));
  });
}

export default function ManageChatPage() {
  const words = useWords();
  const { chatId, title, isOwner, others } = useLoaderData<typeof loader>();
  const problem = useActionData<typeof action>();
  const [search] = useSearchParams();
  return (
    <Page
      back={
        <Link to={`/chat/${chatId}`} className="link px-2 text-sm">
          {words.menu.back}
        </Link>
      }
    >
      <div className="column grid gap-6 py-6">
        {problem && (
          <p role="alert" className="notice danger">
            {problemSentence(words, problem)}
          </p>
        )}
        {isOwner && search.get('confirm') === 'delete' ? (
          <ConfirmDelete {...{ chatId, title, others }} />
        ) : (
          <>
            <h1 className="text-2xl font-semibold tracking-tight" dir="auto">
              {title}
            </h1>
            {isOwner && <OwnersForms />}
            <Exports {...{ chatId, isOwner }} />
            {isOwner && <DeleteForm />}
          </>
        )}
      </div>
    </Page>
  );
}

function ConfirmDelete({ chatId, title, others }: { chatId: string; title: string; others: number }) {
  const { menu, common } = useWords();
  return (
    <Form method="post" className="grid justify-items-start gap-3">
      <input type="hidden" name="confirm" value="yes" />
      <h1 className="text-2xl font-semibold tracking-tight" dir="auto">
        {fill(menu.deleteTitle, { title })}
      </h1>
      {others > 0 && <p>{fill(menu.deleteTextForOthers, { count: others })}</p>}
      <p className="text-muted">{menu.deleteText}</p>
      <p className="flex flex-wrap gap-2">
        <button className="button danger" name="intent" value="delete">
          {menu.delete}
        </button>
        <Link className="button" to={`/chat/${chatId}`}>
          {common.cancel}
        </Link>
      </p>
    </Form>
  );
}

function OwnersForms() {
  const { menu, common } = useWords();
  const { title, instructions, pinned, archived, temporary } = useLoaderData<typeof loader>();
  const busy = useNavigation().state === 'submitting';
  return (
    <>
      <Form method="post" className="card grid gap-2">
        <label className="font-medium" htmlFor="title">
          {menu.chatTitle}
        </label>
        <div className="flex gap-2">
          <TitleField id="title" defaultValue={title} />
          <button className="button" name="intent" value="rename" disabled={busy}>
            {menu.rename}
          </button>
        </div>
      </Form>
      <Form method="post" className="card grid gap-2">
        <label className="font-medium" htmlFor="instructions">
          {menu.instructionsLabel}
        </label>
        <InstructionsField id="instructions" defaultValue={instructions} />
        <span>
          <button className="button" name="intent" value="instructions" disabled={busy}>
            {common.save}
          </button>
        </span>
      </Form>
      {!temporary && (
        <Form id="list" method="post" className="flex flex-wrap gap-2" aria-label={menu.place}>
          <button className="button" name="intent" value={pinned ? 'unpin' : 'pin'} disabled={busy}>
            {pinned ? menu.unpin : menu.pin}
          </button>
          <button className="button" name="intent" value={archived ? 'unarchive' : 'archive'} disabled={busy}>
            {archived ? menu.unarchive : menu.archive}
          </button>
        </Form>
      )}
    </>
  );
}

function Exports({ chatId, isOwner }: { chatId: string; isOwner: boolean }) {
  const { menu, people, share } = useWords();
  const path = `/chat/${encodeURIComponent(chatId)}`;
  return (
    <p className="flex flex-wrap gap-2">
      <a className="button" href={`${path}/export?format=md`} download>
        {menu.exportMarkdown}
      </a>
      <a className="button" href={`${path}/export?format=json`} download>
        {menu.exportJson}
      </a>
      <Link className="button" to={`/chat/${encodeURIComponent(chatId)}/people`}>
        <Icon name="people" /> {people.title}
      </Link>
      {isOwner && (
        <Link className="button" to={`/chat/${encodeURIComponent(chatId)}/share`}>
          <Icon name="share" /> {share.entry}
        </Link>
      )}
    </p>
  );
}

function DeleteForm() {
  const { menu } = useWords();
  return (
    <Form method="post">
      <button className="button danger" name="intent" value="delete">
        {menu.delete}
      </button>
    </Form>
  );
}

export function ErrorBoundary() {
  return <ChatError />;
}
