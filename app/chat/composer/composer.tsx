import {
  forwardRef,
  useEffect,
  useImperativeHandle,
  useRef,
  useState,
  type FormEvent,
  type KeyboardEvent,
} from 'react';
import { Icon } from '~/ui/icon.tsx';
import { editLastQuestion } from '~/layout/shortcuts.tsx';
import { useDraft, useDrafts } from '~/layout/typed/drafts.ts';
import { useMessageLimit } from '~/layout/typed/message-limit.tsx';
import { useBrowserLayoutEffect } from '~/hooks/use-browser-layout-effect.ts';
import { hasTouchKeyboard, isSend } from '~/ui/browser/enter-key.ts';
import { newId } from '~/ui/new-id.ts';
import { useWords } from '~/words/words.ts';
import type { PickedTemplate } from '~/templates/template-picker.tsx';
import { ModelSelect } from './model-select.tsx';
import { SlashTemplates } from './slash-templates.tsx';
import type { ModelChoice } from './use-model-choice.ts';

export interface ComposerHandle {
  /** Replaces the text of the field, and puts the cursor at its end. */
  fill: (text: string) => void;
  append: (text: string) => void;
}

interface ComposerProps {
  /** The key for the draft: a chat id, or `new`. */
  draftKey: string;
  initialText: string;
  /** True if the server has the message with this id. For a text that began a chat, `id` is `<chat id>/<message id>`. */
  isSent: (id: string) => boolean;
  /** The form's action without JavaScript. */
  action: string;
  fresh: string;
  parentId: string;
  /** `null`: a new chat. */
  chatId: string | null;
  /** The id of the chat, or the id that a new chat will have. */
  newChatId: string;
  /** The chat is a temporary one, or becomes one with the first message. */
  temporary: boolean;
  model: ModelChoice;
  running: boolean;
  /** A question was sent, and its answer has not started yet. */
  starting: boolean;
  /** Stop was pressed and is not confirmed yet. */
  stopping: boolean;
  /** Messages wait, and sending them is paused. A message that is sent while an answer is written waits with them. */
  held: boolean;
  /** Resolves to false if the text was not sent. In this case the field shows the text again. */
  onSend: (text: string, how: { questionId?: string; picked?: PickedTemplate }) => Promise<boolean>;
  /** Sends the text to the other people in a room without asking the model; `undefined` in a chat without members. */
  onSay?: ((text: string) => Promise<boolean>) | undefined;
  onTyped?: (text: string) => void;
  onStop: () => void;
}

/** The field for a question. It stays usable while an answer is written, and keeps its draft across a reload. */
export const Composer = forwardRef<ComposerHandle, ComposerProps>(function Composer(props, ref) {
  const { initialText, isSent, action, chatId, fresh, parentId, temporary, model, running, starting, stopping } = props;
  const { onSend, onSay, onTyped, onStop } = props;
  const { composer, common } = useWords();
  const field = useRef<HTMLTextAreaElement>(null);
  const draft = useDraft('draft', props.draftKey);
  const blanks = useDrafts('blanks', props.draftKey);
  const limit = useMessageLimit();
  // False at first, even if the field is empty: without JavaScript, nothing could enable the send button later.
  const [isEmpty, setIsEmpty] = useState(false);
  /** The text of the field if it begins with "/", otherwise empty. Templates are offered for such a text. */
  const [slash, setSlash] = useState('');
  /** The template whose form replaces the field as soon as the form is loaded. */
  const [openId, setOpenId] = useState<string | null>(null);
  /** The form of a template is shown. */
  const [isFilling, setIsFilling] = useState(false);
  /** The person tried to send a message while the one before was still being sent. */
  const [isEarly, setIsEarly] = useState(false);
  const changed = (current: HTMLTextAreaElement) => {
    setIsEmpty(current.value.trim() === '');
    setSlash(current.value.startsWith('/') ? current.value : '');
    grow(current);
  };
  /** By message id: the texts that the person has submitted and that the server has not accepted yet. */
  const unsent = useDrafts('unsent', props.draftKey);
  const unsentNow = useRef(unsent);
  unsentNow.current = unsent;
  const chatNow = useRef(props.newChatId);
  chatNow.current = props.newChatId;
  const newDraft = useDraft('draft', 'new');
  const keep = (typed: string) => {
    draft.keep(typed);
    // The chat has no page before its first question is sent. If the person leaves, the page of a new chat shows the draft.
    if (chatId === null && props.draftKey !== 'new') newDraft.keep(typed);
  };
  const fill = (text: string) => {
    const { current } = field;
    if (!current) return;
    setOpenId(null);
    current.value = text;
    keep(text);
    changed(current);
    current.focus();
    current.setSelectionRange(text.length, text.length);
  };
  const append = (text: string) => fill(field.current?.value ? `${field.current.value}\n${text}` : text);
  useImperativeHandle(ref, () => ({ fill, append }));

  // The field is hidden while a template's form is open, so it gets the focus only after that form has closed.
  const wasFilling = useRef(false);
  useEffect(() => {
    if (wasFilling.current && !isFilling) field.current?.focus();
    wasFilling.current = isFilling;
  }, [isFilling]);

  /** The text of an earlier visit that is in the field; empty if there was none. */
  const restored = useRef('');
  /** The texts that were not sent on an earlier visit, followed by the draft. */
  const restore = () => {
    for (const id of [...unsent.keys()]) if (isSent(id)) unsent.delete(id);
    return [...unsent.values(), draft.read()].filter((text) => text !== '').join('\n');
  };
  useBrowserLayoutEffect(() => {
    const { current } = field;
    if (!current) return;
    const kept = restore();
    // A draft such as `/translate` is the command of a template, without any other text. Such a draft is not restored.
    if (current.value === '' && !isCommand(kept)) current.value = restored.current = kept;
    limit.fits(current.value);
    changed(current);
    // The form of a template opens again if something was typed into it. It stays closed if the person has gone on in the field.
    const filled = [...blanks.keys()].at(-1);
    if (filled !== undefined && (draft.read() === '' || isCommand(draft.read()))) setOpenId(filled);
    // The field does not get the focus on a device with an on-screen keyboard, because the keyboard would cover half of the page.
    // The field does not get the focus either if a dialog is open, if the URL leads to a message of the chat (`#m-<id>`), or if a
    // notice (such as the undo of a deletion) or another field has the focus. For example, the person may be typing into the search
    // at the moment when the page of a new chat is replaced by the chat's own page.
    const isAtMessage = location.hash.startsWith('#m-');
    const isBusyElsewhere = document.activeElement?.closest('.toast, input, textarea') != null;
    if (!hasTouchKeyboard() && !isInDialog() && !isAtMessage && !isBusyElsewhere)
      current.focus({ preventScroll: true });
    // This runs once for each chat, so the other values that it uses are no dependencies.
  }, [props.draftKey]);

  // A text may reach the server although the person has left the page before the response came. The page learns that only later.
  useEffect(() => {
    const { current } = field;
    if (!current || restored.current === '' || current.value !== restored.current) return;
    if (![...unsent.keys()].some(isSent)) return;
    current.value = restored.current = restore();
    changed(current);
  });

  useEffect(() => {
    if (!running) return;
    const pressed = (event: globalThis.KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return;
      if (!isInDialog() && !isElsewhere(event.target, field.current)) onStop();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, [running, onStop]);

  // A key that is pressed while nothing has the focus is typed into the field.
  useEffect(() => {
    const pressed = (event: globalThis.KeyboardEvent) => {
      const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing;
      if (!isPlain || event.defaultPrevented || event.key.length !== 1 || event.key === ' ' || event.key === '?')
        return;
      if (document.activeElement === document.body && !isInDialog()) field.current?.focus({ preventScroll: true });
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, []);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { current } = field;
    const text = current?.value.trim() ?? '';
    const { submitter } = event.nativeEvent as SubmitEvent;
    const isSaid = onSay !== undefined && (submitter as HTMLButtonElement | null)?.name === 'say';
    // The chat has to exist before a second question can wait in it.
    const isEarly = starting && !isSaid;
    setIsEarly(isEarly && text !== '');
    if (!current || text === '' || isEarly || !limit.fits(text)) return current?.focus();
    current.value = '';
    changed(current);
    onTyped?.('');
    // A reload during an outage loses no text: the next page restores the texts that were not sent.
    const questionId = newId();
    const id = chatId === null ? `${props.newChatId}/${questionId}` : questionId;
    if (restored.current !== '') unsent.clear();
    restored.current = '';
    unsent.set(id, text);
    keep('');
    const started = await (isSaid ? onSay(text) : onSend(text, { questionId }));
    unsent.delete(id);
    // If the first question of a chat was refused, the page has become that of a new chat, and has read the unsent texts again.
    unsentNow.current.delete(id);
    if (!started && restored.current !== '' && field.current?.value === restored.current) {
      restored.current = '';
      return keep(field.current.value);
    }
    // What was typed meanwhile belongs to the chat that has just begun.
    if (started && props.draftKey === 'new') newDraft.keep('');
    if (started) return;
    // The person may have typed something since, or may be at another chat.
    const both = (other: string) => (other === '' ? text : `${text}\n${other}`);
    if (field.current && chatNow.current === props.newChatId) fill(both(field.current.value));
    else draft.keep(both(draft.read()));
  };
  const pressed = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === 'ArrowUp' && event.currentTarget.value === '' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      editLastQuestion();
    }
    if (!isSend(event.nativeEvent)) return;
    event.preventDefault();
    event.currentTarget.form?.requestSubmit();
  };

  const openTemplate = (templateId: string) => {
    const { current } = field;
    if (!current) return;
    // The command was only needed to find the template.
    current.value = '';
    keep('');
    changed(current);
    setOpenId(templateId);
  };
  const leaveTemplate = () => {
    setSlash('');
    setOpenId(null);
  };

  const sendLabel = !running ? common.send : props.held ? composer.sendHeld : composer.sendNext;
  return (
    <>
      <SlashTemplates
        text={slash}
        field={field.current}
        place={{ chatId, temporary }}
        openId={openId}
        blanks={blanks}
        isBusy={starting}
        onOpen={setIsFilling}
        onChoose={openTemplate}
        onClose={leaveTemplate}
        onLost={append}
        onSend={(picked) => onSend(picked.text, { picked })}
      />
      {!isFilling && limit.notice}
      {isEarly && starting && (
        <p role="alert" className="notice mb-2">
          {composer.oneAtATime}
        </p>
      )}
      <form
        // Buttons elsewhere on the page submit the form with the id `composer`. While a template's form is shown, that form has
        // the id.
        id={isFilling ? undefined : 'composer'}
        hidden={isFilling}
        className="composer"
        method="post"
        action={action}
        noValidate
        onSubmit={(event) => void submit(event)}
      >
        <input type="hidden" name="intent" value="send" />
        <input type="hidden" name="fresh" value={fresh} />
        <input type="hidden" name="parentId" value={parentId} />
        {/* The question waits while an answer is written, also if somebody else in a room has asked since this page was made. */}
        {(running || onSay) && <input type="hidden" name="whenBusy" value="queue" />}
        {temporary && <input type="hidden" name="temporary" value="1" />}
        <textarea
          ref={field}
          name="text"
          rows={1}
          dir="auto"
          defaultValue={initialText}
          placeholder={composer.placeholder}
          aria-label={composer.message}
          enterKeyHint="enter"
          autoComplete="off"
          onKeyDown={pressed}
          onPaste={limit.onPaste}
          onDrop={limit.onDrop}
          onInput={(event) => {
            // From now on, the restored texts are one text that the person edits.
            if (restored.current !== '') unsent.clear();
            restored.current = '';
            setOpenId(null);
            if (limit.fits(event.currentTarget.value)) keep(event.currentTarget.value);
            changed(event.currentTarget);
            onTyped?.(event.currentTarget.value.trim());
          }}
        />
        <div className="flex items-center justify-between gap-2 px-2 pb-2">
          <ModelSelect {...model} />
          <span className="flex items-center gap-2">
            {running && (
              <button
                type="button"
                className="round-button needs-script"
                aria-label={stopping ? composer.stopping : composer.stop}
                title={stopping ? composer.stopping : composer.stop}
                aria-disabled={stopping}
                onClick={onStop}
              >
                <Icon name="stop" className="filled" />
              </button>
            )}
            {onSay && !running && <span className="round-button needs-script invisible" aria-hidden="true" />}
            {onSay && (
              <button className="button say" name="say" value="1" title={composer.sayHint} aria-disabled={isEmpty}>
                {composer.say}
              </button>
            )}
            <button
              className={`round-button send ${running && isEmpty ? 'nothing-to-send' : ''}`}
              aria-label={sendLabel}
              title={sendLabel}
              aria-disabled={isEmpty}
            >
              <Icon name="send" />
            </button>
          </span>
        </div>
      </form>
    </>
  );
});

const isCommand = (text: string): boolean => /^\/[^\s/]*$/.test(text);

const isInDialog = (): boolean => document.querySelector(':popover-open:not(.toast), dialog[open]') !== null;

/** True if the target is in the sidebar or is a form field other than the composer's. In those places, Esc has another meaning. */
const isElsewhere = (target: EventTarget | null, field: HTMLTextAreaElement | null): boolean =>
  target instanceof Element && target !== field && target.closest('aside, input, select, textarea') !== null;

/** Sets the height of a field, for browsers in which it does not grow with its content by itself. */
function grow(field: HTMLTextAreaElement): void {
  if (CSS.supports('field-sizing', 'content')) return;
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight}px`;
}
