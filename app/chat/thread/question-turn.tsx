import { memo, useRef } from 'react';
import { messageText } from '../../../shared/chat/message-text.ts';
import type { Chat } from '../../../shared/chat/chat.ts';
import type { StoredMessage } from '../../../shared/chat/messages.ts';
import { BranchButton, type OnBranch } from '~/chat/branches/branch-button.tsx';
import { BranchChip, BranchedFrom } from '~/chat/branches/branch-links.tsx';
import type { Drafts } from '~/layout/typed/drafts.ts';
import { useReopened } from '~/layout/typed/use-reopened.ts';
import { CopyButton } from '~/ui/copy-button.tsx';
import { Icon } from '~/ui/icon.tsx';
import { MessageForm, type MessageFormFields } from '~/chat/composer/message-form.tsx';
import { useWords } from '~/words/words.ts';
import { EditForm } from './edit-form.tsx';
import type { May } from './may.ts';
import { Versions } from './versions.tsx';

interface QuestionTurnProps extends MessageFormFields {
  message: StoredMessage;
  /** The ids of all versions, joined by spaces. */
  versions: string;
  chatId: string;
  busy: boolean;
  /** True if there is no answer, and none is being written. */
  unanswered: boolean;
  /** True in a room. There, a message may be only for the other people, without a question to the model. */
  isRoom: boolean;
  /** The heading, such as “Ana asked” or “You said”. `null` for the person's own questions, and in a chat without members. */
  author: string | null;
  may: May;
  edits: Drafts;
  forks: Chat['forks'] | undefined;
  from: Chat['from'];
  onBranch: OnBranch;
  onEdit: (question: StoredMessage, text: string, modelId: string) => Promise<boolean>;
  onRegenerate: (message: StoredMessage, modelId: string) => Promise<boolean>;
}

/** A question. People who may write in the chat can edit it and send it again. */
export const QuestionTurn = memo(function QuestionTurn(props: QuestionTurnProps) {
  const { message, versions, chatId, fresh, modelId, busy, unanswered, isRoom, author, may, forks, from } = props;
  const { edits, onEdit, onRegenerate, onBranch } = props;
  const { thread, common } = useWords();
  const text = messageText(message);
  const details = useRef<HTMLDetailsElement>(null);
  const open = (isOpen: boolean) => {
    if (details.current) details.current.open = isOpen;
  };
  const save = async (edited: string) => {
    open(false);
    const started = await onEdit(message, edited, modelId);
    if (started) edits.delete(message.id);
    else open(true);
  };
  const typed = (edited: string) => {
    if (edited === text) edits.delete(message.id);
    else edits.set(message.id, edited);
  };
  const cancel = () => {
    edits.delete(message.id);
    details.current?.querySelector('form')?.reset();
    open(false);
    details.current?.querySelector('summary')?.focus();
  };
  const toggled = useReopened(details, () => edits.get(message.id));
  return (
    <li id={`m-${message.id}`} className="turn question" tabIndex={-1}>
      <h2 className={author === null ? 'sr-only' : 'author'} dir="auto">
        {author ?? common.you}
      </h2>
      <div className="bubble" dir="auto">
        {text}
      </div>
      <div className="actions">
        <Versions ids={versions} current={message.id} chatId={chatId} />
        <CopyButton text={text} label={thread.copyQuestion} />
        {may.write && (
          <details ref={details} className="edit" onToggle={toggled}>
            <summary className="icon-button">
              <span className="when-closed" title={thread.edit}>
                <Icon name="edit" />
                <span className="sr-only">{thread.edit}</span>
              </span>
              <span className="when-open without-script">{common.cancel}</span>
            </summary>
            <EditForm
              {...{ text, fresh, modelId, busy }}
              messageId={message.id}
              onTyped={typed}
              onSave={(edited) => void save(edited)}
              onCancel={cancel}
            />
          </details>
        )}
        {may.branch && <BranchButton messageId={message.id} {...{ fresh, onBranch }} />}
        {unanswered && may.write && (
          <MessageForm
            intent="regenerate"
            messageId={message.id}
            fresh={fresh}
            modelId={modelId}
            onSubmit={() => onRegenerate(message, modelId)}
          >
            <button className="button">{isRoom ? thread.askModel : common.send}</button>
          </MessageForm>
        )}
      </div>
      <BranchChip forks={forks} />
      {from && <BranchedFrom from={from} />}
    </li>
  );
});
