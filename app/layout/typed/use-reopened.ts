import { useRef, type RefObject } from 'react';
import { useBrowserLayoutEffect } from '~/hooks/use-browser-layout-effect.ts';

/**
 * If a person left the page with an unsaved text in an edit form, opens the form again with that text (`kept`). Returns the handler
 * for the `toggle` event of `details`. The handler focuses the field if the person, and not this hook, has opened the form.
 */
export function useReopened(details: RefObject<HTMLDetailsElement>, kept: () => string | undefined): () => void {
  const isReopening = useRef(false);
  const field = () => details.current?.querySelector('textarea') ?? null;
  useBrowserLayoutEffect(() => {
    const text = kept();
    const { current } = details;
    if (text === undefined || !current) return;
    isReopening.current = !current.open;
    current.open = true;
    field()!.value = text;
    // The effect has no dependencies, because the text is restored only once, when the form appears.
  }, []);
  return () => {
    const isReopened = isReopening.current;
    isReopening.current = false;
    if (!details.current?.open || isReopened) return;
    const { length } = field()!.value;
    field()!.focus();
    field()!.setSelectionRange(length, length);
  };
}
