import { useFetcher } from '@remix-run/react';
import { useEffect, useRef } from 'react';
import { useWords } from '~/words/words.ts';
import type { NamedChat } from './named-chat.ts';
import { Dialog } from './dialog.tsx';
import { managePath, useManageForm } from './use-manage-form.ts';

/** The custom instructions of a chat. */
export function InstructionsDialog({ chat, onClose }: { chat: NamedChat; onClose: () => void }) {
  const { common, menu } = useWords();
  const field = useRef<HTMLTextAreaElement>(null);
  const { Form, action, returnTo, problem, done } = useManageForm(chat.chatId);
  const { data, load } = useFetcher<{ instructions: string }>();
  useEffect(() => load(managePath(chat.chatId)), [load, chat.chatId]);
  useEffect(() => {
    if (data) field.current?.focus();
  }, [data]);
  return (
    <Dialog title={menu.instructions} onClose={onClose} firstField={field} done={done}>
      {problem && (
        <p role="alert" className="notice danger mb-3">
          {problem}
        </p>
      )}
      <Form method="post" action={action} className="grid gap-4">
        <input type="hidden" name="returnTo" value={returnTo} />
        <label className="grid gap-1 text-sm">
          <span className="text-muted">{menu.instructionsLabel}</span>
          <textarea
            // The field of another text once that has come.
            key={data ? 'loaded' : 'loading'}
            ref={field}
            className="field min-h-28"
            name="instructions"
            defaultValue={data?.instructions ?? ''}
            readOnly={!data}
            placeholder={menu.instructionsPlaceholder}
            maxLength={32_768}
            rows={5}
            dir="auto"
          />
        </label>
        <span className="flex justify-end">
          <button className="button primary" name="intent" value="instructions" disabled={!data}>
            {common.save}
          </button>
        </span>
      </Form>
    </Dialog>
  );
}
