import { useEffect, useRef } from 'react';

/**
 * Shows `title` on the tab when an answer has ended in the background, until the person looks at the page again. `endings`: the
 * number of answers that have ended on this page.
 */
export function useAnswerReady(endings: number, title: string): void {
  const before = useRef(endings);
  useEffect(() => {
    if (before.current === endings) return;
    before.current = endings;
    if (document.visibilityState === 'visible' && document.hasFocus()) return;
    const usual = document.title;
    document.title = title;
    const looked = () => {
      if (document.visibilityState !== 'visible') return;
      document.title = usual;
      stop();
    };
    const stop = () => {
      document.removeEventListener('visibilitychange', looked);
      removeEventListener('focus', looked);
    };
    document.addEventListener('visibilitychange', looked);
    addEventListener('focus', looked);
    return stop;
  }, [endings, title]);
}
