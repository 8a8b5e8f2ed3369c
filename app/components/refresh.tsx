import { useNavigation, useRevalidator } from '@remix-run/react';
import { createContext, useCallback, useContext, useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { backoffMs } from '../hooks/backoff.ts';
import { ensureSession } from '../hooks/stream-environment.ts';

const RefreshContext = createContext<() => void>(() => undefined);

/** Asks the server again for everything on the page; several askings at once are one. */
export const useRefresh = (): (() => void) => useContext(RefreshContext);

/**
 * Waits for what is on its way before it asks again: an answer that is called off half way is an error in the console,
 * and the one that is asked for last is the newest anyway. Waits too for a server that can answer: what is on the page
 * stays there meanwhile.
 */
export function RefreshProvider({ children }: { children: ReactNode }) {
  const { revalidate, state } = useRevalidator();
  const navigation = useNavigation();
  const [wanted, setWanted] = useState(false);
  const idle = state === 'idle' && navigation.state === 'idle';
  const latest = useRef(revalidate);
  latest.current = revalidate;
  useEffect(() => {
    if (!wanted || !idle) return;
    const over = new AbortController();
    void (async () => {
      await ensureSession();
      if (!(await answering(over.signal))) return;
      // That may have taken longer than a session lives.
      await ensureSession();
      if (over.signal.aborted) return;
      setWanted(false);
      latest.current();
    })();
    // Where somebody goes to another page meanwhile, that one is asked for instead, and afterwards this again.
    return () => over.abort();
  }, [wanted, idle]);
  const refresh = useCallback(() => setWanted(true), []);
  return <RefreshContext.Provider value={refresh}>{children}</RefreshContext.Provider>;
}

/**
 * Resolves to true when the server can say what pages show, to false when it is no longer wanted. Remix shows the page
 * of an error where it is asked in vain, in place of the answer that one was reading.
 */
async function answering(signal: AbortSignal): Promise<boolean> {
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    if (await canAnswer(signal)) return !signal.aborted;
    await pause(backoffMs(attempt, Math.random()), signal);
  }
  return false;
}

async function canAnswer(signal: AbortSignal): Promise<boolean> {
  try {
    const { status } = await fetch('/api/chats', { headers: { Accept: 'application/json' }, signal });
    // What else is refused is for the page to say.
    return status < 500 && status !== 429;
  } catch {
    // No network, or none any more: the next try tells.
    return false;
  }
}

/** Ends early where the network is back. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener('online', end);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    addEventListener('online', end);
    signal.addEventListener('abort', end);
  });
}
