import {
  forwardRef,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  type FormEvent,
  type KeyboardEvent,
} from 'react';
import { browserStorage } from '~/ui/browser-storage.ts';
import { Icon } from '~/ui/icon.tsx';
import { useLayout } from '~/layout/layout-data.tsx';
import { ModelSelect } from './model-select.tsx';
import type { ModelChoice } from './use-model-choice.ts';

export interface ComposerHandle {
  /** Puts a text into the field and the cursor behind it. */
  fill: (text: string) => void;
}

interface ComposerProps {
  /** Under which the draft is kept: a chat, or `new`. */
  draftKey: string;
  initialText: string;
  /** Where the form goes without a script. */
  action: string;
  fresh: string;
  parentId: string;
  model: ModelChoice;
  running: boolean;
  /** Resolves to false where the text is to stay. */
  onSend: (text: string) => Promise<boolean>;
  onStop: () => void;
}

const useBrowserLayoutEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect;

/** The field in which one writes. It stays usable while an answer is written, and keeps its draft over a reload. */
export const Composer = forwardRef<ComposerHandle, ComposerProps>(function Composer(props, ref) {
  const { initialText, action, fresh, parentId, model, running, onSend, onStop } = props;
  const field = useRef<HTMLTextAreaElement>(null);
  const draft = useDraft(props.draftKey);
  const fill = (text: string) => {
    const { current } = field;
    if (!current) return;
    current.value = text;
    draft.keep(text);
    grow(current);
    current.focus();
    current.setSelectionRange(text.length, text.length);
  };
  useImperativeHandle(ref, () => ({ fill }));

  useBrowserLayoutEffect(() => {
    const { current } = field;
    if (!current) return;
    if (current.value === '') current.value = draft.read();
    grow(current);
    // A keyboard that covers half of a small screen is not opened unasked.
    if (matchMedia('(pointer: fine)').matches) current.focus({ preventScroll: true });
    // Once for each chat.
  }, [props.draftKey]);

  useEffect(() => {
    if (!running) return;
    const pressed = (event: globalThis.KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return;
      if (!document.querySelector(':popover-open, dialog[open]')) onStop();
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, [running, onStop]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const { current } = field;
    const text = current?.value.trim() ?? '';
    // While an answer is written the next question stays in the field.
    if (!current || text === '' || running) return;
    current.value = '';
    draft.keep('');
    grow(current);
    const started = await onSend(text);
    // Something may have been typed since.
    if (!started && field.current) fill(field.current.value === '' ? text : `${text}\n${field.current.value}`);
  };
  const pressed = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // 229: an input method is composing, also where the browser does not say so.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    event.currentTarget.form?.requestSubmit();
  };

  return (
    <form
      id="composer"
      className="composer"
      method="post"
      action={action}
      noValidate
      onSubmit={(event) => void submit(event)}
    >
      <input type="hidden" name="intent" value="send" />
      <input type="hidden" name="fresh" value={fresh} />
      <input type="hidden" name="parentId" value={parentId} />
      <textarea
        ref={field}
        name="text"
        rows={1}
        dir="auto"
        defaultValue={initialText}
        placeholder="Write a message"
        aria-label="Message"
        aria-keyshortcuts="Enter"
        enterKeyHint="send"
        autoComplete="off"
        onKeyDown={pressed}
        onInput={(event) => {
          draft.keep(event.currentTarget.value);
          grow(event.currentTarget);
        }}
      />
      <div className="flex items-center justify-between gap-2 px-2 pb-2">
        <ModelSelect {...model} />
        <span className="flex items-center gap-2">
          {running && (
            <button type="button" className="round-button needs-script" aria-label="Stop the answer" onClick={onStop}>
              <Icon name="stop" className="filled" />
            </button>
          )}
          <button className={`round-button ${running ? 'without-script' : ''}`} aria-label="Send">
            <Icon name="send" />
          </button>
        </span>
      </div>
    </form>
  );
});

/** For browsers in which a field does not grow with its content by itself. */
function grow(field: HTMLTextAreaElement): void {
  if (CSS.supports('field-sizing', 'content')) return;
  field.style.height = 'auto';
  field.style.height = `${field.scrollHeight}px`;
}

function useDraft(draftKey: string) {
  const { userId } = useLayout();
  const key = `rejoin:draft:${userId}:${draftKey}`;
  return {
    read: () => browserStorage.read(key) ?? '',
    keep: (text: string) => browserStorage.write(key, text),
  };
}
