import { Link } from '@remix-run/react';
import { useEffect, useRef, type FormEvent, type ReactNode } from 'react';
import type { Queue, QueuedTurn } from '../../../shared/chat.ts';
import { messageText } from '../../../shared/message-text.ts';
import type { Room } from '../../../shared/rooms.ts';
import { useConnectivity } from '~/ui/connectivity.ts';
import { fill, problemSentence, useWords } from '~/words/words.ts';
import { useQueue, type ChangeQueue, type QueueRequest } from './use-queue.ts';

/** The unsaved edits of messages that wait, by message id. */
type Drafts = Map<string, string>;

interface QueueListProps {
  chatId: string;
  rendered: Queue;
  /** Turns that were sent on this page and that the server has not rendered yet. They cannot be changed yet. */
  sending?: readonly QueuedTurn[];
  /** The message id of the turn whose whole text was loaded to be edited. */
  whole?: string | null;
  /** The person's role in the room decides which turns they may change. `null`: a chat without members. */
  room: Room | null;
  /** Called with the unsaved edits of messages that no longer wait. */
  onLeftOver: (text: string) => void;
}

/** The turns that wait, below the answer that is being written. Every action is a form and works without JavaScript. */
export function QueueList({ chatId, rendered, sending = [], whole = null, room, onLeftOver }: QueueListProps) {
  const words = useWords();
  const { thread } = words;
  const { queue, change: send, problem } = useQueue(chatId, rendered);
  const { paused } = queue;
  const own = sending.filter(({ messageId }) => !queue.turns.some((turn) => turn.messageId === messageId));
  const turns = [...queue.turns, ...own].map((turn, at) => ({ ...turn, place: at + 1 }));
  const drafts = useRef<Drafts>(new Map()).current;
  useEffect(() => {
    const waiting = new Set(turns.map(({ messageId }) => messageId));
    const left = [...drafts].filter(([messageId]) => !waiting.has(messageId));
    for (const [messageId] of left) drafts.delete(messageId);
    if (left.length > 0) onLeftOver(left.map(([, text]) => text).join('\n'));
  });
  const change: ChangeQueue = (request) => {
    // A person who removes messages does not want their unsaved edits either.
    if (request.method === 'DELETE') drafts.delete(request.messageId ?? '');
    if (isDiscard(request)) drafts.clear();
    return send(request);
  };
  const notice = problem && (
    <p role="alert" className="notice danger">
      {problemSentence(words, problem)}
    </p>
  );
  if (turns.length === 0) return notice;
  const mayAct = room?.role !== 'viewer';
  const isOwn = ({ by }: QueuedTurn) => !room || room.role === 'owner' || by?.userId === room.userId;
  return (
    <section className="queue" aria-label={thread.queue.label}>
      {notice}
      {paused && (
        <div className="notice held">
          <p>{thread.queue.heldText}</p>
          {mayAct && (
            <Action intent="queue-resume" request={{ method: 'POST', body: { action: 'resume' } }} change={change}>
              {thread.queue.resume}
            </Action>
          )}
          {mayAct && turns.every(isOwn) && (
            <Action intent="queue-discard" request={{ method: 'POST', body: { action: 'discard' } }} change={change}>
              {thread.queue.discard}
            </Action>
          )}
        </div>
      )}
      <ol>
        {turns.map((turn) => {
          const isSending = own.some(({ messageId }) => messageId === turn.messageId);
          return (
            <Waiting
              key={turn.messageId}
              turn={turn}
              count={turns.length}
              isSending={isSending}
              asker={room && turn.by && turn.by.userId !== room.userId ? turn.by.name : null}
              isOwn={mayAct && (isSending || isOwn(turn))}
              maySend={mayAct}
              {...{ paused, whole, change, drafts }}
            />
          );
        })}
      </ol>
    </section>
  );
}

interface WaitingProps {
  turn: QueuedTurn;
  count: number;
  /** True if the turn was sent on this page and the server has not rendered it yet. */
  isSending: boolean;
  /** The name of the person who asked; `null` if it was the person at this page. */
  asker: string | null;
  /** True if the person may edit, move and remove the turn. */
  isOwn: boolean;
  /** True if the person may send the turn at once: every editor may stop the answer that is being written. */
  maySend: boolean;
  paused: boolean;
  whole: string | null;
  change: ChangeQueue;
  drafts: Drafts;
}

function Waiting(props: WaitingProps) {
  const { turn, count, isSending, asker, isOwn, maySend, paused, whole, change, drafts } = props;
  const { thread, people } = useWords();
  const words = thread.queue;
  const { messageId, place, question, cut } = turn;
  const text = question === null ? words.again : messageText(question);
  const { online } = useConnectivity();
  const isUnsent = isSending && !online;
  const state = isUnsent ? words.unsent : fill(paused ? words.held : place === 1 ? words.next : words.place, { place });
  const move = (to: number): QueueRequest => ({ method: 'PATCH', messageId, body: { place: to } });
  const common = { messageId, place, change };
  return (
    <li id={`q-${messageId}`} className="turn question queued">
      <p className="queue-state" dir="auto">
        {asker === null ? state : `${state} · ${fill(people.waits, { name: asker })}`}
      </p>
      <div className="bubble" dir="auto">
        {text}
        {cut && '…'}
      </div>
      <fieldset className="actions min-w-0" disabled={isSending}>
        {maySend && (
          <Action
            {...common}
            intent="queue-send"
            request={{ method: 'POST', body: { action: 'send', messageId } }}
            label={text}
          >
            {words.sendNow}
          </Action>
        )}
        {isOwn && place > 1 && (
          <Action {...common} intent="queue-up" request={move(place - 1)} label={text}>
            {words.up}
          </Action>
        )}
        {isOwn && place < count && (
          <Action {...common} intent="queue-down" request={move(place + 1)} label={text}>
            {words.down}
          </Action>
        )}
        {isOwn &&
          question !== null &&
          (cut ? (
            <EditWhole {...{ messageId, text }} />
          ) : (
            <Edit isOpen={whole === messageId} {...{ messageId, text, change, drafts }} />
          ))}
        {isOwn && (
          <Action {...common} intent="queue-remove" request={{ method: 'DELETE', messageId }} label={text}>
            {words.remove}
          </Action>
        )}
      </fieldset>
    </li>
  );
}

/** A link that loads the page with the whole text, because long texts are cut in the list. */
function EditWhole({ messageId, text }: Pick<EditProps, 'messageId' | 'text'>) {
  const { thread } = useWords();
  return (
    <Link className="button" to={`?whole=${messageId}#q-${messageId}`} preventScrollReset>
      {thread.queue.edit} <span className="sr-only">{text}</span>
    </Link>
  );
}

interface EditProps {
  messageId: string;
  text: string;
  isOpen: boolean;
  change: ChangeQueue;
  drafts: Drafts;
}

function Edit({ messageId, text, isOpen, change, drafts }: EditProps) {
  const { thread } = useWords();
  const save = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const details = form.closest('details')!;
    const typed = () => String(new FormData(form).get('text') ?? '');
    const edited = typed().trim();
    if (edited === '') return;
    details.open = false;
    if (!(await change({ method: 'PATCH', messageId, body: { text: edited } }))) {
      // The text stays in the field. If the message no longer waits, the draft goes to the composer.
      details.open = true;
      return;
    }
    if (typed().trim() !== edited) return;
    drafts.delete(messageId);
    // Without a reset, the field would keep this text even when the stored text changes.
    form.reset();
  };
  return (
    <details className="queue-edit" open={isOpen}>
      <summary className="button">
        {thread.queue.edit} <span className="sr-only">{text}</span>
      </summary>
      <form method="post" className="grid gap-2" onSubmit={(event) => void save(event)}>
        <input type="hidden" name="intent" value="queue-edit" />
        <input type="hidden" name="messageId" value={messageId} />
        <textarea
          className="field text-ink"
          name="text"
          defaultValue={text}
          onInput={({ currentTarget: { value } }) => {
            if (value.trim() === text.trim()) drafts.delete(messageId);
            else drafts.set(messageId, value);
          }}
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

const isDiscard = ({ body }: QueueRequest): boolean => (Object(body) as { action?: string }).action === 'discard';

interface ActionProps {
  intent: string;
  request: QueueRequest;
  change: ChangeQueue;
  messageId?: string;
  place?: number;
  /** The message that the action is about, for screen readers. */
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
