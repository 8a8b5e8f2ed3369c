import { useFetcher, useLocation } from '@remix-run/react';
import { useEffect, useRef, useState } from 'react';
import { problemSentence, useWords } from '~/words/words.ts';
import { dialogUrl } from '~/http/dialog-url.ts';
import { tellTabs } from '~/layout/tab-channel.ts';

/** Sends the forms of the page `/chat/:chatId/manage` from a dialog, without leaving the current page. */
export function useManageForm(chatId: string) {
  const words = useWords();
  const fetcher = useFetcher<{ code?: string; message?: string } | null>();
  const { pathname, search } = useLocation();
  const [done, setDone] = useState(false);
  const submitted = useRef(false);
  useEffect(() => {
    if (fetcher.state !== 'idle') submitted.current = true;
    else if (submitted.current && !fetcher.data?.message) {
      tellTabs({ chatId });
      setDone(true);
    }
  }, [fetcher.state, fetcher.data, chatId]);
  const { message, code = null } = fetcher.data ?? {};
  return {
    Form: fetcher.Form,
    action: dialogUrl(managePath(chatId)),
    returnTo: pathname + search,
    problem: message ? problemSentence(words, { code, message }) : null,
    done,
  };
}

export const managePath = (chatId: string): string => `/chat/${encodeURIComponent(chatId)}/manage`;
