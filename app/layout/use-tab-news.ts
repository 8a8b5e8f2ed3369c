import { useEffect, useRef } from 'react';
import { streams } from '~/hooks/use-resumable-stream.ts';
import { listenToTabs } from './tab-channel.ts';
import { useRefresh } from './refresh.tsx';

/** A refresh waits this long after the last message, so that several messages at once cause one refresh. */
const GATHER_MS = 60;

/**
 * Refreshes the page when another tab has changed something, and when the page becomes visible again or the browser is back
 * online, because another device may have changed something.
 */
export function useTabNews(): void {
  const refresh = useRefresh();
  const timer = useRef<ReturnType<typeof setTimeout>>();
  useEffect(() => {
    const soon = () => {
      clearTimeout(timer.current);
      timer.current = setTimeout(refresh, GATHER_MS);
    };
    const heard = () => {
      soon();
      if (document.visibilityState === 'hidden') streams.nudge();
    };
    const looked = () => document.visibilityState === 'visible' && soon();
    let stopListening = listenToTabs(heard);
    // A page with an open channel may be kept out of the bfcache, so the channel is closed when the page is left.
    const left = () => stopListening();
    const cameBack = (event: PageTransitionEvent) => {
      if (!event.persisted) return;
      stopListening = listenToTabs(heard);
      soon();
    };
    document.addEventListener('visibilitychange', looked);
    addEventListener('focus', looked);
    addEventListener('online', soon);
    addEventListener('pagehide', left);
    addEventListener('pageshow', cameBack);
    return () => {
      clearTimeout(timer.current);
      stopListening();
      document.removeEventListener('visibilitychange', looked);
      removeEventListener('focus', looked);
      removeEventListener('online', soon);
      removeEventListener('pagehide', left);
      removeEventListener('pageshow', cameBack);
    };
  }, [refresh]);
}
