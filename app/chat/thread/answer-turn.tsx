import { memo } from 'react';
import { messageText } from '../../../shared/chat/message-text.ts';
import type { Chat } from '../../../shared/chat/chat.ts';
import type { MessagePart, StoredMessage } from '../../../shared/chat/messages.ts';
import type { Waiting } from '../../../shared/stream/stream.ts';
import { CopyButton } from '~/ui/copy-button.tsx';
import { Icon } from '~/ui/icon.tsx';
import { useLayout } from '~/layout/layout-data.tsx';
import { fill, useWords } from '~/words/words.ts';
import { BranchButton, type OnBranch } from '~/chat/branches/branch-button.tsx';
import { BranchChip, BranchedFrom } from '~/chat/branches/branch-links.tsx';
import type { Far } from './use-far.ts';
import type { May } from './may.ts';
import { MessageBody } from './message/message-body.tsx';
import { MessageForm, type MessageFormFields } from '~/chat/composer/message-form.tsx';
import { Outcome } from './outcome.tsx';
import { Versions } from './versions.tsx';
import { UnsentNote } from './waiting-note.tsx';

interface AnswerTurnProps extends MessageFormFields {
  message: StoredMessage;
  far: Far | undefined;
  /** The parts of the message, or of its stream so far. */
  parts: readonly MessagePart[];
  /** Number of older messages that were not sent to the model. */
  dropped: number;
  /** True if the model's output limit ended the answer. */
  cutOff: boolean;
  /** True if a client sent the answer along with a request, so that no model of this app wrote it. */
  sentByClient: boolean;
  /** The name of the other person who stopped the answer. */
  stoppedBy: string | null;
  streaming: boolean;
  /** The question was not sent yet, because the browser is offline. */
  isUnsent: boolean;
  /** Why no text comes at the moment; `null` while text comes. */
  waiting: Waiting | null;
  /** The id of the stream that a page without scripts shows in an iframe; `null` if no iframe is needed. */
  frameOf: string | null;
  /** The ids of all versions, joined by spaces. */
  versions: string;
  chatId: string;
  busy: boolean;
  may: May;
  /** While the answer is written: the id of the last event whose content is on the screen. */
  shown: string | null;
  forks: Chat['forks'] | undefined;
  from: Chat['from'];
  onBranch: OnBranch;
  onRegenerate: (message: StoredMessage, modelId: string) => Promise<boolean>;
  onGoOn: (answer: StoredMessage, modelId: string) => Promise<boolean>;
}

/**
 * An answer, finished or being written, with its actions. The actions below a message are icons, always in the same order:
 * versions, copy, regenerate or edit, branch. The actions that may help after an incomplete answer are buttons with text.
 */
export const AnswerTurn = memo(function AnswerTurn(props: AnswerTurnProps) {
  const {
    message,
    parts,
    dropped,
    cutOff,
    sentByClient,
    stoppedBy,
    streaming,
    isUnsent,
    waiting,
    frameOf,
    versions,
    chatId,
    fresh,
    modelId,
    busy,
    may,
    shown,
    forks,
    from,
  } = props;
  const { onRegenerate, onGoOn, onBranch } = props;
  const { thread, answer } = useWords();
  const { models } = useLayout();
  const modelName = models.models.find(({ id }) => id === message.modelId)?.name ?? message.modelId;
  const text = messageText({ parts });
  const form = { messageId: message.id, fresh, modelId };
  return (
    <li id={`m-${message.id}`} className="turn" aria-busy={streaming} tabIndex={-1}>
      <h2 className="sr-only">{thread.answer}</h2>
      {dropped > 0 && <p className="text-muted mb-2 text-xs">{fill(thread.dropped, { count: dropped })}</p>}
      {sentByClient && <p className="text-muted mb-2 text-xs">{answer.sentByClient}</p>}
      <div className={frameOf ? 'needs-script' : undefined} data-far={props.far}>
        {isUnsent ? <UnsentNote /> : <MessageBody parts={parts} streaming={streaming} waiting={waiting} />}
      </div>
      {frameOf && (
        <noscript>
          <iframe className="live-frame" src={`/chat/${chatId}/live/${frameOf}`} title={thread.frameTitle} />
        </noscript>
      )}
      {!streaming && (
        <Outcome
          hasText={text !== ''}
          mayWrite={may.write}
          {...{ message, cutOff, stoppedBy, busy, fresh, modelId, onRegenerate, onGoOn }}
        />
      )}
      <div className="actions">
        <Versions ids={versions} current={message.id} chatId={chatId} />
        {!streaming && (
          <>
            {text !== '' && (
              <span className="copy-answer contents">
                <CopyButton text={text} label={thread.copyAnswer} />
              </span>
            )}
            {may.write && message.status !== 'error' && (
              <MessageForm {...form} intent="regenerate" onSubmit={() => !busy && onRegenerate(message, modelId)}>
                <button className="icon-button" disabled={busy} title={thread.regenerate}>
                  <Icon name="retry" />
                  <span className="sr-only">{thread.regenerate}</span>
                </button>
              </MessageForm>
            )}
          </>
        )}
        {/* Placeholders for the buttons copy and regenerate, so that nothing moves when the answer ends. */}
        {streaming && <ComingButton icon="copy" />}
        {streaming && may.write && <ComingButton icon="retry" />}
        {may.branch && <BranchButton messageId={message.id} {...{ fresh, streaming, shown, onBranch }} />}
        {!streaming && modelName && <span className="truncate px-1">{modelName}</span>}
      </div>
      <BranchChip forks={forks} />
      {from && <BranchedFrom from={from} />}
    </li>
  );
});

function ComingButton({ icon }: { icon: 'copy' | 'retry' }) {
  return (
    <span className="icon-button needs-script opacity-30" aria-hidden="true">
      <Icon name={icon} />
    </span>
  );
}
