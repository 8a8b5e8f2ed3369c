import { Link, useSearchParams } from '@remix-run/react';
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react';
import type { Queue, QueuedTurn } from '../../../shared/chat.ts';
import { messageText } from '../../../shared/message-text.ts';
import type { Room } from '../../../shared/rooms.ts';
import { announce } from '~/ui/announcer.tsx';
import { queueSentences } from '~/chat/announcements.ts';
import { useDrafts, type Drafts } from '~/layout/typed/drafts.ts';
import { useMessageLimit } from '~/layout/typed/message-limit.tsx';
import { useReopened } from '~/layout/typed/use-reopened.ts';
import { useConnectivity } from '~/ui/connectivity.ts';
import { Icon } from '~/ui/icon.tsx';
import { editKeys } from '~/ui/enter-key.ts';
import { fill, problemSentence, useWords } from '~/words/words.ts';
import { useQueue, type ChangeQueue, type QueueRequest } from './use-queue.ts';

interface QueueListProps {
  chatId: string;
  rendered: Queue;
  /** Turns that this page is sending or has sent, and that the server has not rendered yet. */
  sending?: readonly QueuedTurn[];
  /** The message id of the turn whose whole text was loaded to be edited. */
  whole?: string | null;
  /** The ids of the messages that the page shows. */
  shown: ReadonlySet<string>;
  /** The ids of the earlier versions of the answer that is being written. */
  replaced?: readonly string[] | undefined;
  /** Called when a turn begins on the person's request, and its question goes to another version than the one that the page shows. */
  onElsewhere?: () => void;
  /** The person's role in the room decides which turns they may change. `null`: a chat without members. */
  room: Room | null;
  /** Called with the unsaved edits of messages that no longer wait. */
  onLeftOver: (text: string) => void;
  /** Called if the person removes a turn that was not sent yet because the browser is offline. */
  onCallOff: (messageId: string) => void;
}

/**
 * The turns that wait, shown below the answer that is being written. Every action is a form or a link and works without JavaScript,
 * except the removal of a turn that was not sent yet.
 */
export function QueueList(props: QueueListProps) {
  const { chatId, rendered, sending = [], whole = null, shown, replaced = [], room } = props;
  const { onElsewhere, onLeftOver, onCallOff } = props;
  const words = useWords();
  const { thread } = words;
  const { queue, change: send, problem } = useQueue(chatId, rendered);
  const { paused } = queue;
  const own = sending.filter(({ messageId }) => !queue.turns.some((turn) => turn.messageId === messageId));
  const turns = [...queue.turns, ...own].map((turn, at) => ({ ...turn, place: at + 1 }));
  const isElsewhere = (turn: QueuedTurn): boolean => {
    // A question follows a message, or the answer to a question that waits, too.
    let last = turn;
    for (const _ of turns) last = turns.find(({ messageId }) => messageId === last.under) ?? last;
    const { under, followsVersions } = last;
    return under !== null && !shown.has(under) && !(followsVersions && replaced.includes(under));
  };
  const drafts = useDrafts('waiting', chatId);
  useEffect(() => {
    const waiting = new Set(turns.map(({ messageId }) => messageId));
    const left = [...drafts].filter(([messageId]) => !waiting.has(messageId));
    for (const [messageId] of left) drafts.delete(messageId);
    if (left.length > 0) onLeftOver(left.map(([, text]) => text).join('\n'));
  });
  const change: ChangeQueue = async (request) => {
    // A person who removes messages does not want the unsaved edits of these messages either.
    if (request.method === 'DELETE') drafts.delete(request.messageId ?? '');
    if (isDiscard(request)) drafts.clear();
    const begun = beginsWith(request, turns);
    const isDone = await send(request);
    if (isDone && begun && isElsewhere(begun)) onElsewhere?.();
    if (isDone) announce(...queueSentences(request, words));
    return isDone;
  };
  const mayAct = room?.role !== 'viewer';
  const isSending = (turn: QueuedTurn) => own.some(({ messageId }) => messageId === turn.messageId);
  // A turn without `by` was asked by the owner, before the chat became a room.
  const isAuthor = (turn: QueuedTurn) =>
    !room || isSending(turn) || (turn.by ? turn.by.userId === room.userId : room.role === 'owner');
  const mayRemove = (turn: QueuedTurn) => room?.role === 'owner' || isAuthor(turn);
  const { lost, forget } = useLostTexts(chatId, { mayAct, own: turns.filter(isAuthor), shown });
  const notices = (
    <>
      {problem && (
        <p role="alert" className="notice danger">
          {problemSentence(words, problem)}
        </p>
      )}
      {lost.length > 0 && (
        <div role="alert" className="notice">
          <p>{words.people.turnsRemoved}</p>
          <ul>
            {lost.map((text, at) => (
              <li key={at} dir="auto" className="whitespace-pre-wrap">
                {text}
              </li>
            ))}
          </ul>
          <button type="button" className="button" onClick={forget}>
            {words.common.close}
          </button>
        </div>
      )}
    </>
  );
  if (turns.length === 0) return notices;
  return (
    <section className="queue" aria-label={thread.queue.label}>
      {notices}
      <ol>
        {turns.map((turn) => (
          <Waiting
            key={turn.messageId}
            turn={turn}
            count={turns.length}
            isSending={isSending(turn)}
            isElsewhere={isElsewhere(turn)}
            onCallOff={onCallOff}
            asker={isAuthor(turn) ? null : (turn.by?.name ?? words.people.roles.owner)}
            maySend={mayAct}
            mayEdit={mayAct && isAuthor(turn)}
            mayRemove={mayAct && mayRemove(turn)}
            {...{ paused, whole, change, drafts }}
          />
        ))}
      </ol>
      {/* The notice takes up its space even while it is invisible, so that no message moves when it appears. */}
      <div className={`notice held ${paused ? '' : 'invisible'}`}>
        <p>{thread.queue.heldText}</p>
        {mayAct && (
          <Action intent="queue-resume" request={{ method: 'POST', body: { action: 'resume' } }} change={change}>
            {thread.queue.resume}
          </Action>
        )}
        {mayAct && turns.every(mayRemove) && (
          <Action intent="queue-discard" request={{ method: 'POST', body: { action: 'discard' } }} change={change}>
            {thread.queue.discard}
          </Action>
        )}
      </div>
    </section>
  );
}

/**
 * The server removes the waiting questions of a person who may not ask any more. This browser keeps their texts, so that the person
 * does not lose them. Returns these texts, and a function that forgets them. `own`: the person's questions that wait.
 */
function useLostTexts(
  chatId: string,
  { mayAct, own, shown }: { mayAct: boolean; own: readonly QueuedTurn[]; shown: ReadonlySet<string> },
) {
  const kept = useDrafts('asked', chatId);
  const [lost, setLost] = useState<readonly string[]>([]);
  const seen = useRef('');
  useEffect(() => {
    const ids = own.map(({ messageId }) => messageId);
    const now = [mayAct, ...ids].join(' ');
    if (now === seen.current) return;
    seen.current = now;
    if (mayAct) {
      kept.clear();
      for (const { messageId, question } of own) if (question) kept.set(messageId, messageText(question));
    }
    const isLost = (id: string) => !mayAct && !ids.includes(id) && !shown.has(id);
    setLost([...kept].filter(([id]) => isLost(id)).map(([, text]) => text));
  }, [own, mayAct, kept, shown]);
  const forget = () => {
    kept.clear();
    setLost([]);
  };
  return { lost, forget };
}

/** The turn that begins after the request, if an answer is not being written; otherwise after that answer. */
function beginsWith({ body }: QueueRequest, turns: readonly QueuedTurn[]): QueuedTurn | undefined {
  const { action, messageId } = Object(body) as { action?: string; messageId?: string };
  if (action === 'resume') return turns[0];
  return action === 'send' ? turns.find((turn) => turn.messageId === messageId) : undefined;
}

interface WaitingProps {
  turn: QueuedTurn;
  count: number;
  isSending: boolean;
  /** The question goes to another version than the one that the page shows. */
  isElsewhere: boolean;
  /** The name that is shown for the other person who asked; `null` if the person at this page asked. */
  asker: string | null;
  /** True if the person may send the turn at once, which stops the answer that is being written. */
  maySend: boolean;
  mayEdit: boolean;
  /** True if the person may move the turn and remove it. */
  mayRemove: boolean;
  paused: boolean;
  whole: string | null;
  change: ChangeQueue;
  drafts: Drafts;
  onCallOff: (messageId: string) => void;
}

function Waiting(props: WaitingProps) {
  const { turn, count, isSending, isElsewhere, asker, maySend, mayEdit, mayRemove, paused, whole, change, drafts } =
    props;
  const { onCallOff } = props;
  const { thread, people } = useWords();
  const words = thread.queue;
  const { messageId, place, question, cut } = turn;
  const text = question === null ? words.again : messageText(question);
  const { online } = useConnectivity();
  const isUnsent = isSending && !online;
  const states = [
    isUnsent ? words.unsent : fill(paused ? words.held : place === 1 ? words.next : words.place, { place }),
    asker === null ? '' : fill(people.waits, { name: asker }),
    isElsewhere ? words.elsewhere : '',
  ];
  const move = (to: number): QueueRequest => ({ method: 'PATCH', messageId, body: { place: to } });
  const common = { messageId, place, change, label: text };
  // If no other turn waits, the buttons that move this one are invisible. They keep their place, so that nothing shifts later.
  const moving = { ...common, className: count === 1 ? 'invisible' : undefined };
  return (
    <li id={`q-${messageId}`} className="turn question queued">
      <p className="queue-state" dir="auto">
        {states.filter(Boolean).join(' · ')}
      </p>
      <div className="bubble" dir="auto">
        {text}
        {cut && '…'}
      </div>
      <fieldset className="actions min-w-0" disabled={isSending && !isUnsent}>
        {isUnsent ? (
          <button type="button" className="icon-button" title={words.remove} onClick={() => onCallOff(messageId)}>
            <Icon name="trash" />
            <span className="sr-only">
              {words.remove} {text}
            </span>
          </button>
        ) : (
          <>
            {mayRemove && (
              <>
                <Action {...moving} intent="queue-up" request={move(place - 1)} name={words.up} isOff={place === 1}>
                  <Icon name="chevron" className="rotate-180" />
                </Action>
                <Action
                  {...moving}
                  intent="queue-down"
                  request={move(place + 1)}
                  name={words.down}
                  isOff={place === count}
                >
                  <Icon name="chevron" />
                </Action>
              </>
            )}
            {maySend && (
              <Action {...common} intent="queue-send" request={{ method: 'POST', body: { action: 'send', messageId } }}>
                {words.sendNow}
              </Action>
            )}
            {mayEdit &&
              question !== null &&
              (cut ? (
                <EditWhole {...{ messageId, text }} />
              ) : (
                <Edit isOpen={whole === messageId} {...{ messageId, text, change, drafts }} />
              ))}
            {mayRemove && (
              <Action {...common} intent="queue-remove" request={{ method: 'DELETE', messageId }} name={words.remove}>
                <Icon name="trash" />
              </Action>
            )}
          </>
        )}
      </fieldset>
    </li>
  );
}

/** A link that loads the page with the whole text, because long texts are cut in the list. */
function EditWhole({ messageId, text }: Pick<EditProps, 'messageId' | 'text'>) {
  const { thread } = useWords();
  const [search] = useSearchParams();
  const query = new URLSearchParams({ ...Object.fromEntries(search), whole: messageId });
  return (
    <Link className="icon-button" to={`?${query}#q-${messageId}`} title={thread.queue.edit} preventScrollReset>
      <Icon name="edit" />
      <span className="sr-only">
        {thread.queue.edit} {text}
      </span>
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
  const { thread, common } = useWords();
  const details = useRef<HTMLDetailsElement>(null);
  const limit = useMessageLimit();
  const toggled = useReopened(details, () => drafts.get(messageId));
  const close = () => {
    if (!details.current) return;
    details.current.open = false;
    details.current.querySelector('summary')?.focus();
  };
  const cancel = () => {
    drafts.delete(messageId);
    details.current?.querySelector('form')?.reset();
    close();
  };
  const save = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const typed = () => String(new FormData(form).get('text') ?? '');
    const edited = typed().trim();
    if (edited === '' || !limit.fits(edited)) return;
    close();
    if (!(await change({ method: 'PATCH', messageId, body: { text: edited } }))) {
      // The text stays in the field. If the message no longer waits, the draft goes to the composer.
      if (details.current) details.current.open = true;
      return;
    }
    if (typed().trim() !== edited) return;
    drafts.delete(messageId);
    // Without a reset, the field would keep this text even when the stored text changes.
    form.reset();
  };
  return (
    <details ref={details} className="queue-edit" open={isOpen} onToggle={toggled}>
      <summary className="icon-button" title={thread.queue.edit}>
        <Icon name="edit" />
        <span className="sr-only">
          {thread.queue.edit} {text}
        </span>
      </summary>
      <form method="post" className="grid gap-2" onSubmit={(event) => void save(event)} onKeyDown={editKeys(cancel)}>
        <input type="hidden" name="intent" value="queue-edit" />
        <input type="hidden" name="messageId" value={messageId} />
        <textarea
          className="field text-ink"
          name="text"
          defaultValue={text}
          onInput={({ currentTarget: { value } }) => {
            if (value.trim() === text.trim()) drafts.delete(messageId);
            else if (limit.fits(value)) drafts.set(messageId, value);
          }}
          onPaste={limit.onPaste}
          onDrop={limit.onDrop}
          rows={3}
          dir="auto"
          aria-label={thread.editLabel}
          enterKeyHint="enter"
          autoFocus={isOpen}
          required
        />
        {limit.notice}
        <span className="flex justify-end gap-2">
          <button type="button" className="button needs-script" onClick={cancel}>
            {common.cancel}
          </button>
          <button className="button primary">{thread.queue.save}</button>
        </span>
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
  className?: string | undefined;
  /** The name of a button that shows only an icon. */
  name?: string;
  /** The message that the action is about, for screen readers. */
  label?: string;
  /** True if the button does nothing now. It keeps its place and the focus. */
  isOff?: boolean;
  children: ReactNode;
}

function Action(props: ActionProps) {
  const { intent, request, change, messageId, place, className, name, label, isOff = false, children } = props;
  return (
    <form
      method="post"
      className={className}
      onSubmit={(event) => {
        event.preventDefault();
        if (isOff) return;
        const button = event.currentTarget.querySelector('button');
        void change(request);
        // React may have moved the row in the page, which takes the focus from the button.
        requestAnimationFrame(() => button?.focus({ preventScroll: true }));
      }}
    >
      <input type="hidden" name="intent" value={intent} />
      {messageId && <input type="hidden" name="messageId" value={messageId} />}
      {place && <input type="hidden" name="place" value={place} />}
      <button className={name ? 'icon-button' : 'button'} title={name} aria-disabled={isOff || undefined}>
        {children}
        {(name || label) && (
          <span className="sr-only">
            {name} {label}
          </span>
        )}
      </button>
    </form>
  );
}
