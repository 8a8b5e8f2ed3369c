import { useRef } from 'react';
import { useWords } from '~/words/words.ts';
import type { NamedChat } from './named-chat.ts';
import { Dialog } from './dialog.tsx';
import { useManageForm } from './use-manage-form.ts';

/** Gives a chat another title. */
export function RenameDialog({ chat, onClose }: { chat: NamedChat; onClose: () => void }) {
  const { menu } = useWords();
  const field = useRef<HTMLInputElement>(null);
  const { Form, action, returnTo, problem, done } = useManageForm(chat.chatId);
  return (
    <Dialog title={menu.rename} onClose={onClose} firstField={field} done={done}>
      {problem && (
        <p role="alert" className="notice danger mb-3">
          {problem}
        </p>
      )}
      <Form method="post" action={action} className="grid gap-4">
        <input type="hidden" name="returnTo" value={returnTo} />
        <label className="grid gap-1 text-sm">
          <span className="text-muted">{menu.chatTitle}</span>
          <input
            ref={field}
            className="field"
            name="title"
            defaultValue={chat.title}
            required
            maxLength={200}
            dir="auto"
            autoComplete="off"
          />
        </label>
        <span className="flex justify-end">
          <button className="button primary" name="intent" value="rename">
            {menu.rename}
          </button>
        </span>
      </Form>
    </Dialog>
  );
}
