import { memo, useRef, type FormEvent, type SyntheticEvent } from 'react';
import { messageText } from '../../../shared/message-text.ts';
import type { StoredMessage } from '../../../shared/messages.ts';
import { CopyButton } from '~/ui/copy-button.tsx';
import { Icon } from '~/ui/icon.tsx';
import { MessageForm, type MessageFormFields } from '~/chat/composer/message-form.tsx';
import { Versions } from './versions.tsx';

interface QuestionTurnProps extends MessageFormFields {
  message: StoredMessage;
  /** The ids of all versions, joined by spaces. */
  versions: string;
  chatId: string;
  busy: boolean;
  /** Nothing was answered, and nothing is being. */
  unanswered: boolean;
  onEdit: (question: StoredMessage, text: string, modelId: string) => Promise<boolean>;
  onRegenerate: (message: StoredMessage, modelId: string) => Promise<boolean>;
}

/** What the person wrote, which can be written differently and asked again. */
export const QuestionTurn = memo(function QuestionTurn(props: QuestionTurnProps) {
  const { message, versions, chatId, fresh, modelId, busy, unanswered, onEdit, onRegenerate } = props;
  const text = messageText(message);
  const details = useRef<HTMLDetailsElement>(null);
  const save = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const edited = String(new FormData(event.currentTarget).get('text') ?? '').trim();
    if (edited === '' || busy) return;
    if (details.current) details.current.open = false;
    const started = await onEdit(message, edited, modelId);
    if (!started && details.current) details.current.open = true;
  };
  const cancel = (event: SyntheticEvent) => {
    // Esc stops an answer elsewhere.
    event.preventDefault();
    if (!details.current) return;
    details.current.open = false;
    details.current.querySelector('summary')?.focus();
  };
  const focusField = () => details.current?.open && details.current.querySelector('textarea')?.focus();
  return (
    <li className="turn question">
      <h2 className="sr-only">You</h2>
      <div className="bubble" dir="auto">
        {text}
      </div>
      <div className="actions">
        <Versions ids={versions} current={message.id} chatId={chatId} />
        <CopyButton text={text} label="Copy the question" />
        {unanswered && (
          <MessageForm
            intent="regenerate"
            messageId={message.id}
            fresh={fresh}
            modelId={modelId}
            onSubmit={() => onRegenerate(message, modelId)}
          >
            <button className="icon-button" title="Ask again">
              <Icon name="retry" /> Ask again
            </button>
          </MessageForm>
        )}
        <details ref={details} className="edit" onToggle={focusField}>
          <summary className="icon-button list-none">
            <span className="when-closed" title="Edit and ask again">
              <Icon name="edit" />
              <span className="sr-only">Edit and ask again</span>
            </span>
            <span className="when-open">Cancel</span>
          </summary>
          <form
            method="post"
            className="mt-1 grid gap-2"
            onSubmit={(event) => void save(event)}
            onKeyDown={(event) => event.key === 'Escape' && !event.nativeEvent.isComposing && cancel(event)}
          >
            <input type="hidden" name="intent" value="edit" />
            <input type="hidden" name="fresh" value={fresh} />
            <input type="hidden" name="messageId" value={message.id} />
            <input type="hidden" name="modelId" value={modelId} />
            <textarea
              className="field text-ink"
              name="text"
              defaultValue={text}
              rows={3}
              dir="auto"
              aria-label="The question, edited"
              required
            />
            <span className="flex justify-end">
              <button className="button primary" disabled={busy}>
                Ask again
              </button>
            </span>
          </form>
        </details>
      </div>
    </li>
  );
});
