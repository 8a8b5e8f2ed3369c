import { useSyncExternalStore, type KeyboardEvent as ReactKeyboardEvent } from 'react';

/**
 * True for an Enter without Shift. False while an input method composes a text. Some browsers report the composing only by the
 * key code 229.
 */
export const isEnter = ({ key, shiftKey, isComposing, keyCode }: KeyboardEvent): boolean =>
  key === 'Enter' && !shiftKey && !isComposing && keyCode !== 229;

/**
 * True if an Enter in a field of several lines sends the text. A keyboard on the screen has no Shift+Enter, so its Enter makes a new
 * line. With Ctrl or ⌘, Enter always sends.
 */
export const isSend = (event: KeyboardEvent): boolean =>
  isEnter(event) && (event.ctrlKey || event.metaKey || !hasTouchKeyboard());

/** Does what Enter does in a field of several lines: sends the form or, with a touch keyboard, adds a new line. */
export function pressEnter(field: HTMLTextAreaElement): void {
  if (!hasTouchKeyboard()) return field.form?.requestSubmit();
  field.setRangeText('\n', field.selectionStart, field.selectionEnd, 'end');
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

/** True if the person types on a touch screen: the main pointer is a finger, and there is no mouse or trackpad. */
export const hasTouchKeyboard = (): boolean =>
  matchMedia('(pointer: coarse)').matches && !matchMedia('(any-pointer: fine)').matches;

/** `hasTouchKeyboard` for rendering. False on the server. */
export const useTouchKeyboard = (): boolean => useSyncExternalStore(watchPointers, hasTouchKeyboard, () => false);

function watchPointers(listener: () => void): () => void {
  const pointers = [matchMedia('(pointer: coarse)'), matchMedia('(any-pointer: fine)')];
  for (const pointer of pointers) pointer.addEventListener('change', listener);
  return () => {
    for (const pointer of pointers) pointer.removeEventListener('change', listener);
  };
}

/**
 * Handles keys in the field of an edit form: Enter sends the form, Esc discards the changes. Prevents the default of Esc, so that Esc
 * does not stop the answer as well.
 */
export const editKeys = (onCancel: () => void) => (event: ReactKeyboardEvent<HTMLFormElement>) => {
  const { nativeEvent, target, currentTarget } = event;
  const isCancel = event.key === 'Escape' && !nativeEvent.isComposing;
  if (!isCancel && !(target instanceof HTMLTextAreaElement && isSend(nativeEvent))) return;
  event.preventDefault();
  if (isCancel) onCancel();
  else currentTarget.requestSubmit();
};
