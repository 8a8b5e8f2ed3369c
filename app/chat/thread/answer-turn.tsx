import { memo } from 'react';
import { messageText } from '../../../shared/message-text.ts';
import type { MessagePart, StoredMessage } from '../../../shared/messages.ts';
import { CopyButton } from '~/ui/copy-button.tsx';
import { Icon } from '~/ui/icon.tsx';
import { useLayout } from '~/layout/layout-data.tsx';
import { MessageBody } from './message-body.tsx';
import { MessageForm, type MessageFormFields } from '~/chat/composer/message-form.tsx';
import { Versions } from './versions.tsx';

interface AnswerTurnProps extends MessageFormFields {
  message: StoredMessage;
  /** The parts of the message, or of the stream that is writing it. */
  parts: readonly MessagePart[];
  /** Number of older messages that were not sent to the model. */
  dropped: number;
  /** True if the model's output limit ended it. */
  cutOff: boolean;
  streaming: boolean;
  /** The stream that a page without scripts shows in a frame. */
  frameOf: string | null;
  /** The ids of all versions, joined by spaces. */
  versions: string;
  chatId: string;
  busy: boolean;
  onRegenerate: (message: StoredMessage, modelId: string) => Promise<boolean>;
  onGoOn: (answer: StoredMessage, modelId: string) => Promise<boolean>;
}

/** An answer, finished or still being written, with its buttons. */
export const AnswerTurn = memo(function AnswerTurn(props: AnswerTurnProps) {
  const { message, parts, dropped, cutOff, streaming, frameOf, versions, chatId, fresh, modelId, busy } = props;
  const { onRegenerate, onGoOn } = props;
  const { models } = useLayout();
  const modelName = models.models.find(({ id }) => id === message.modelId)?.name ?? message.modelId;
  const isWhole = message.status === undefined || (message.status === 'completed' && !cutOff);
  const form = { messageId: message.id, fresh, modelId };
  return (
    <li className="turn" aria-busy={streaming}>
      <h2 className="sr-only">Answer</h2>
      {dropped > 0 && (
        <p className="text-muted mb-2 text-xs">{`The first ${dropped} messages no longer fit this model and were left out.`}</p>
      )}
      <div className={frameOf ? 'needs-script' : undefined}>
        <MessageBody parts={parts} streaming={streaming} />
      </div>
      {frameOf && (
        <noscript>
          <iframe
            className="live-frame"
            src={`/chat/${chatId}/live/${frameOf}`}
            title="The answer, while it is written"
          />
        </noscript>
      )}
      <Outcome message={message} cutOff={cutOff} />
      <div className="actions">
        {!streaming && (
          <>
            <Versions ids={versions} current={message.id} chatId={chatId} />
            <CopyButton text={messageText({ parts })} label="Copy the answer" />
            {!isWhole && parts.length > 0 && (
              <MessageForm {...form} intent="continue" onSubmit={() => !busy && onGoOn(message, modelId)}>
                <button className="icon-button" disabled={busy}>
                  <Icon name="forward" /> Continue
                </button>
              </MessageForm>
            )}
            <MessageForm {...form} intent="regenerate" onSubmit={() => !busy && onRegenerate(message, modelId)}>
              <button
                className="icon-button"
                disabled={busy}
                title={message.status === 'error' ? 'Try again' : 'Answer again'}
              >
                <Icon name="retry" />
                {message.status === 'error' ? 'Try again' : <span className="sr-only">Answer again</span>}
              </button>
            </MessageForm>
            {modelName && <span className="truncate px-1">{modelName}</span>}
          </>
        )}
      </div>
    </li>
  );
});

function Outcome({ message: { status, errorText }, cutOff }: { message: StoredMessage; cutOff: boolean }) {
  if (status === 'completed' && cutOff) {
    return <p className="text-muted mt-2 text-sm">Cut off: this is as much as the model writes at once.</p>;
  }
  if (status === 'cancelled') return <p className="text-muted mt-2 text-sm">Stopped.</p>;
  if (status !== 'error') return null;
  return (
    <p className="notice danger mt-3 flex items-start gap-2">
      <Icon name="warning" /> {errorText ?? 'The answer could not be written to its end.'}
    </p>
  );
}
