import type { FormEvent, ReactNode } from 'react';
import type { Queue, QueuedTurn } from '../../../shared/chat.ts';
import { messageText } from '../../../shared/message-text.ts';
import { fill, useWords } from '~/words/words.ts';
import { useQueue, type QueueRequest } from './use-queue.ts';

type Change = (request: QueueRequest) => Promise<void>;

/** The turns that wait, below the answer that is being written. Every action is a form and works without JavaScript. */
export function QueueList({ chatId, rendered }: { chatId: string; rendered: Queue }) {
  const { thread } = useWords();
  const { queue, change } = useQueue(chatId, rendered);
  const { turns, paused } = queue;
  if (turns.length === 0) return null;
  return (
    <section className="queue" aria-label={thread.queue.label}>
      {paused && (
        <div className="notice held">
          <p>{thread.queue.heldText}</p>
          <Action intent="queue-resume" request={{ method: 'POST', body: { action: 'resume' } }} change={change}>
            {thread.queue.resume}
          </Action>
          <Action intent="queue-discard" request={{ method: 'POST', body: { action: 'discard' } }} change={change}>
            {thread.queue.discard}
          </Action>
        </div>
      )}
      <ol>
        {turns.map((turn) => (
          <Waiting key={turn.messageId} turn={turn} count={turns.length} paused={paused} change={change} />
        ))}
      </ol>
    </section>
  );
}

function Waiting({
  turn,
  count,
  paused,
  change,
}: {
  turn: QueuedTurn;
  count: number;
  paused: boolean;
  change: Change;
}) {
  const { thread } = useWords();
  const words = thread.queue;
  const { messageId, place, question } = turn;
  const text = question === null ? words.again : messageText(question);
  const state = fill(paused ? words.held : place === 1 ? words.next : words.place, { place });
  const move = (to: number): QueueRequest => ({ method: 'PATCH', messageId, body: { place: to } });
  const common = { messageId, place, change };
  return (
    <li id={`q-${messageId}`} className="turn question waiting">
      <p className="queue-state">{state}</p>
      <div className="bubble" dir="auto">
        {text}
      </div>
      <div className="actions">
        <Action
          {...common}
          intent="queue-send"
          request={{ method: 'POST', body: { action: 'send', messageId } }}
          label={text}
        >
          {words.sendNow}
        </Action>
        {place > 1 && (
          <Action {...common} intent="queue-up" request={move(place - 1)} label={text}>
            {words.up}
          </Action>
        )}
        {place < count && (
          <Action {...common} intent="queue-down" request={move(place + 1)} label={text}>
            {words.down}
          </Action>
        )}
        {question !== null && <Edit messageId={messageId} text={text} change={change} />}
        <Action {...common} intent="queue-remove" request={{ method: 'DELETE', messageId }} label={text}>
          {words.remove}
        </Action>
      </div>
    </li>
  );
}

function Edit({ messageId, text, change }: { messageId: string; text: string; change: Change }) {
  const { thread } = useWords();
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const edited = String(new FormData(event.currentTarget).get('text') ?? '').trim();
    if (edited === '') return;
    event.currentTarget.closest('details')!.open = false;
    void change({ method: 'PATCH', messageId, body: { text: edited } });
  };
  return (
    <details className="queue-edit">
      <summary className="button">
        {thread.queue.edit} <span className="sr-only">{text}</span>
      </summary>
      <form method="post" className="grid gap-2" onSubmit={save}>
        <input type="hidden" name="intent" value="queue-edit" />
        <input type="hidden" name="messageId" value={messageId} />
        <textarea
          className="field text-ink"
          name="text"
          defaultValue={text}
          key={text}
          rows={3}
          dir="auto"
          aria-label={thread.editLabel}
          required
        />
        <button className="button primary justify-self-end">{thread.queue.save}</button>
      </form>
    </details>
  );
}

interface ActionProps {
  intent: string;
  request: QueueRequest;
  change: Change;
  messageId?: string;
  place?: number;
  /** What the action is about, for people who do not see where the button stands. */
  label?: string;
  children: ReactNode;
}

function Action({ intent, request, change, messageId, place, label, children }: ActionProps) {
  return (
    <form
      method="post"
      onSubmit={(event) => {
        event.preventDefault();
        void change(request);
      }}
    >
      <input type="hidden" name="intent" value={intent} />
      {messageId && <input type="hidden" name="messageId" value={messageId} />}
      {place && <input type="hidden" name="place" value={place} />}
      <button className="button">
        {children} {label && <span className="sr-only">{label}</span>}
      </button>
    </form>
  );
}
