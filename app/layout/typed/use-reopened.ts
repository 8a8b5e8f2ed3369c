import { useRef, type RefObject } from 'react';
import { useBrowserLayoutEffect } from '~/hooks/use-browser-layout-effect.ts';

/**
 * Opens an edit form that had an unsaved text when the page was left, with that text. Returns the handler for its `toggle`
 * event, which gives the field the focus if the person has opened the form.
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
    // Only when the form appears.
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
