import { Link } from '@remix-run/react';
import { useState, type FormEvent } from 'react';
import type { StoredMessage } from '../../../shared/chat/messages.ts';
import { MessageForm, type MessageFormFields } from '~/chat/composer/message-form.tsx';
import { useLayout } from '~/layout/layout-data.tsx';
import { Icon } from '~/ui/icon.tsx';
import { answerErrorSentence, fill, useWords } from '~/words/words.ts';
import { whatHelps } from './next-step.ts';

interface OutcomeProps extends MessageFormFields {
  message: StoredMessage;
  hasText: boolean;
  /** True if the model's output limit ended the answer. */
  cutOff: boolean;
  busy: boolean;
  /** The name of the other person who stopped the answer; `null` if the person at this page did, or if it is not known who did. */
  stoppedBy: string | null;
  mayWrite: boolean;
  onRegenerate: (message: StoredMessage, modelId: string) => Promise<boolean>;
  onGoOn: (answer: StoredMessage, modelId: string) => Promise<boolean>;
}

/** How an incomplete answer ended, and buttons for what may help. */
export function Outcome(props: OutcomeProps) {
  const { message, hasText, cutOff, stoppedBy, busy, mayWrite, fresh, modelId, onRegenerate, onGoOn } = props;
  const words = useWords();
  const { status, errorCode, errorText } = message;
  const helps = whatHelps(message, { hasText, cutOff });
  const form = { messageId: message.id, fresh, modelId };
  const isCut = status === 'completed' && cutOff;
  if (status !== 'error' && status !== 'cancelled' && status !== 'partial' && !isCut) return null;
  return (
    <div className={`outcome ${status === 'error' ? 'danger' : ''}`}>
      <p className="flex items-start gap-2">
        {status === 'error' && <Icon name="warning" />}
        {status === 'error'
          ? answerErrorSentence(words, errorCode, errorText)
          : isCut
            ? words.thread.cutOff
            : status === 'partial'
              ? words.thread.partial
              : stoppedBy === null
                ? words.thread.stopped
                : fill(words.thread.stoppedBy, { name: stoppedBy })}
      </p>
      <div className="flex flex-wrap items-center gap-2 empty:hidden">
        {mayWrite && helps.continue && (
          <MessageForm {...form} intent="continue" onSubmit={() => !busy && onGoOn(message, modelId)}>
            <button className="button" disabled={busy}>
              {words.thread.continue}
            </button>
          </MessageForm>
        )}
        {mayWrite && helps.retry && (
          <MessageForm {...form} intent="regenerate" onSubmit={() => !busy && onRegenerate(message, modelId)}>
            <button className="button" disabled={busy}>
              {words.common.tryAgain}
            </button>
          </MessageForm>
        )}
        {mayWrite && helps.rephrase && (
          <button type="button" className="button needs-script" onClick={(event) => editBefore(event.currentTarget)}>
            {words.thread.rephrase}
          </button>
        )}
        {helps.newChat && (
          <Link className="button" to="/">
            {words.common.newChat}
          </Link>
        )}
        {mayWrite && helps.otherModel && <OtherModel {...{ message, fresh, busy, onRegenerate }} />}
      </div>
    </div>
  );
}

/** Opens the form that edits the question before this answer. */
function editBefore(button: HTMLElement): void {
  const edit = button.closest('.turn')?.previousElementSibling?.querySelector<HTMLDetailsElement>('.edit');
  if (!edit) return;
  edit.open = true;
  edit.scrollIntoView({ block: 'nearest' });
}

type OtherModelProps = Pick<OutcomeProps, 'message' | 'fresh' | 'busy' | 'onRegenerate'>;

/** Asks another available model the same question. */
function OtherModel({ message, fresh, busy, onRegenerate }: OtherModelProps) {
  const { thread } = useWords();
  const { models } = useLayout();
  const others = models.models.filter(({ id, available }) => available && id !== message.modelId);
  const [chosen, choose] = useState(others[0]?.id ?? '');
  if (others.length === 0) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy) void onRegenerate(message, chosen);
  };
  return (
    <form method="post" className="flex flex-wrap items-center gap-2" onSubmit={submit}>
      <input type="hidden" name="intent" value="regenerate" />
      <input type="hidden" name="fresh" value={fresh} />
      <input type="hidden" name="messageId" value={message.id} />
      <label className="flex flex-wrap items-center gap-2">
        {thread.otherModel}
        <select className="button" name="modelId" value={chosen} onChange={(event) => choose(event.target.value)}>
          {others.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <button className="button" disabled={busy}>
        {thread.thisModel}
      </button>
    </form>
  );
}
