import type { FormEvent } from 'react';
import type { MessageFormFields } from '~/chat/composer/message-form.tsx';
import { useMessageLimit } from '~/layout/typed/message-limit.tsx';
import { editKeys } from '~/ui/browser/enter-key.ts';
import { useScripts } from '~/ui/use-scripts.ts';
import { useWords } from '~/words/words.ts';

interface EditFormProps extends MessageFormFields {
  text: string;
  messageId: string;
  /** True while an answer is being written in this chat. */
  busy: boolean;
  onTyped: (text: string) => void;
  onSave: (text: string) => void;
  onCancel: () => void;
}

/** A form in which a person edits an earlier question. */
export function EditForm({ text, messageId, fresh, modelId, busy, onTyped, onSave, onCancel }: EditFormProps) {
  const { thread, common } = useWords();
  const limit = useMessageLimit();
  // Without scripts, nothing would enable the button again when the answer ends. So the button stays enabled, and the server
  // refuses the form while the answer is being written.
  const isOff = useScripts() && busy;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const edited = String(new FormData(event.currentTarget).get('text') ?? '').trim();
    if (edited !== '' && !busy && limit.fits(edited)) onSave(edited);
  };
  return (
    <form method="post" className="mt-1 grid gap-2" onSubmit={submit} onKeyDown={editKeys(onCancel)}>
      <input type="hidden" name="intent" value="edit" />
      <input type="hidden" name="fresh" value={fresh} />
      <input type="hidden" name="messageId" value={messageId} />
      <input type="hidden" name="modelId" value={modelId} />
      <textarea
        className="field text-ink"
        name="text"
        defaultValue={text}
        onInput={({ currentTarget: { value } }) => limit.fits(value) && onTyped(value)}
        onPaste={limit.onPaste}
        onDrop={limit.onDrop}
        rows={3}
        dir="auto"
        aria-label={thread.editLabel}
        aria-describedby={isOff ? `busy-${messageId}` : undefined}
        enterKeyHint="enter"
        required
      />
      {limit.notice}
      <span className="flex flex-wrap items-center justify-end gap-2">
        {isOff && (
          <span id={`busy-${messageId}`} className="text-muted flex-1 text-sm">
            {thread.editBusy}
          </span>
        )}
        <button type="button" className="button needs-script" onClick={onCancel}>
          {common.cancel}
        </button>
        <button className="button primary" disabled={isOff}>
          {common.send}
        </button>
      </span>
    </form>
  );
}
