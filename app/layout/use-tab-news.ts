import { useEffect, useRef } from 'react';
import { streams } from '~/hooks/use-resumable-stream.ts';
import { listenToTabs } from './tab-channel.ts';
import { useRefresh } from './refresh.tsx';

/** Several pieces of news at once are one reason to ask. */
const GATHER_MS = 60;

/**
 * Asks the server again when another tab did something, and when the page is looked at again, since another device may
 * have done something.
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
    // A page that listens to others is not kept for back and forward.
    const left = () => stopListening();
    const cameBack = (event: PageTransitionEvent) => {
      if (!event.persisted) return;
      stopListening = listenToTabs(heard);
      soon();
    };
    document.addEventListener('visibilitychange', looked);
    addEventListener('focus', looked);
    addEventListener('pagehide', left);
    addEventListener('pageshow', cameBack);
    return () => {
      clearTimeout(timer.current);
      stopListening();
      document.removeEventListener('visibilitychange', looked);
      removeEventListener('focus', looked);
      removeEventListener('pagehide', left);
      removeEventListener('pageshow', cameBack);
    };
  }, [refresh]);
}
