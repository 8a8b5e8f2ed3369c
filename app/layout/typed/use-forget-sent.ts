import { useLocation } from '@remix-run/react';
import { useEffect, useRef } from 'react';
import type { Draft } from './drafts.ts';

/**
 * Returns the handler for a form's `submit` event. If another page opens after the form was sent, the draft of the form's fields is
 * removed. `answer`: what the form's action returns if the action refuses the form. After a refusal the draft stays.
 */
export function useForgetSent(draft: Draft, answer: unknown): () => void {
  const { pathname } = useLocation();
  const isSent = useRef(false);
  useEffect(() => void (isSent.current = false), [answer]);
  useEffect(
    () => () => {
      // If the request has failed, an error page replaces the form, but the URL stays the same. The draft is then still needed.
      if (isSent.current && location.pathname !== pathname) draft.keep('');
    },
    [draft, pathname],
  );
  return () => void (isSent.current = true);
}
