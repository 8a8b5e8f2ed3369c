import { Link, useSearchParams } from '@remix-run/react';
import { useRef, type FormEvent } from 'react';
import type { QueuedTurn } from '../../../shared/chat/chat.ts';
import { messageText } from '../../../shared/chat/message-text.ts';
import type { Drafts } from '~/layout/typed/drafts.ts';
import { useMessageLimit } from '~/layout/typed/message-limit.tsx';
import { useReopened } from '~/layout/typed/use-reopened.ts';
import { useConnectivity } from '~/ui/browser/connectivity.ts';
import { Icon } from '~/ui/icon.tsx';
import { editKeys } from '~/ui/browser/enter-key.ts';
import { fill, useWords } from '~/words/words.ts';
import { Action } from './queue-action.tsx';
import type { ChangeQueue, QueueRequest } from './use-queue.ts';

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

export function Waiting(props: WaitingProps) {
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
