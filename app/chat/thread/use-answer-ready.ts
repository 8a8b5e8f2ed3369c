import { useEffect, useRef, useState } from 'react';

/**
 * Shows `title` on the tab when an answer has ended in the background, until the person looks at the page again. `endings`: the
 * number of answers that have ended on this page.
 */
export function useAnswerReady(endings: number, title: string): void {
  const before = useRef(endings);
  const [isReady, setReady] = useState(false);
  useEffect(() => {
    if (before.current === endings) return;
    before.current = endings;
    if (document.visibilityState !== 'visible' || !document.hasFocus()) setReady(true);
  }, [endings]);
  useEffect(() => {
    if (!isReady) return;
    const usual = document.title;
    document.title = title;
    const looked = () => {
      if (document.visibilityState === 'visible') setReady(false);
    };
    document.addEventListener('visibilitychange', looked);
    addEventListener('focus', looked);
    return () => {
      document.removeEventListener('visibilitychange', looked);
      removeEventListener('focus', looked);
      // The page may have set another title meanwhile, because the chat was renamed or another page is shown.
      if (document.title === title) document.title = usual;
    };
  }, [isReady, title]);
}
