import type { Form } from '@remix-run/react';

interface ChatFormsProps {
  chatId: string;
  title: string;
  /** By what they are sent. */
  form: typeof Form;
  /** Where a form leads that is not sent from the chat's own page. */
  returnTo?: { renamed: string; deleted: string };
}

/** Rename, export and delete, as forms and links that need no script. */
export function ChatForms({ chatId, title, form: SendForm, returnTo }: ChatFormsProps) {
  const action = `/chat/${encodeURIComponent(chatId)}/manage`;
  return (
    <div className="grid gap-4">
      <SendForm method="post" action={action} className="grid gap-2">
        {returnTo && <input type="hidden" name="returnTo" value={returnTo.renamed} />}
        <label className="text-muted text-sm" htmlFor="chat-title">
          Title
        </label>
        <div className="flex gap-2">
          <input
            id="chat-title"
            className="field"
            name="title"
            defaultValue={title}
            required
            maxLength={200}
            dir="auto"
          />
          <button className="button" name="intent" value="rename">
            Rename
          </button>
        </div>
      </SendForm>
      <p className="flex flex-wrap items-center gap-x-4 gap-y-1 text-sm">
        <span className="text-muted">Export as</span>
        <a className="link" href={`/chat/${encodeURIComponent(chatId)}/export?format=md`} download>
          Markdown
        </a>
        <a className="link" href={`/chat/${encodeURIComponent(chatId)}/export?format=json`} download>
          JSON
        </a>
      </p>
      <SendForm method="post" action={action} className="border-line border-t pt-4">
        {returnTo && <input type="hidden" name="returnTo" value={returnTo.deleted} />}
        <button className="button danger" name="intent" value="delete">
          Delete this chat
        </button>
        <p className="text-muted mt-2 text-sm">
          An answer that is being written in it is stopped. This cannot be undone.
        </p>
      </SendForm>
    </div>
  );
}
