import { useLocation } from '@remix-run/react';
import { useEffect, useRef } from 'react';
import type { Draft } from './drafts.ts';

/**
 * Returns the handler for a form's `submit` event. When the form has led to another page, the draft of its fields is removed.
 * `answer`: the answer to the form if it was refused and stays on its page.
 */
export function useForgetSent(draft: Draft, answer: unknown): () => void {
  const { pathname } = useLocation();
  const isSent = useRef(false);
  useEffect(() => void (isSent.current = false), [answer]);
  useEffect(
    () => () => {
      // If the request has failed, an error page takes the place of the form at the same address.
      if (isSent.current && location.pathname !== pathname) draft.keep('');
    },
    [draft, pathname],
  );
  return () => void (isSent.current = true);
}
