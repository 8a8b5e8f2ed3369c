import { useNavigation, useRevalidator } from '@remix-run/react';
import { createContext, useCallback, useContext, useEffect, useRef, useState, type ReactNode } from 'react';
import { ensureSession } from '~/hooks/stream-environment.ts';

const RefreshContext = createContext<() => void>(() => undefined);

/** Asks the server again for everything on the page; several askings at once are one. */
export const useRefresh = (): (() => void) => useContext(RefreshContext);

/**
 * Waits for what is on its way before it asks again: an answer that is called off half way is an error in the console,
 * and the one that is asked for last is the newest anyway. While the server cannot answer, what is on the page stays
 * there: see `patientFetch`.
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
    let isOver = false;
    void ensureSession().then(() => {
      if (isOver) return;
      setWanted(false);
      latest.current();
    });
    // Where somebody goes to another page meanwhile, that one is asked for instead, and afterwards this again.
    return () => void (isOver = true);
  }, [wanted, idle]);
  const refresh = useCallback(() => setWanted(true), []);
  return <RefreshContext.Provider value={refresh}>{children}</RefreshContext.Provider>;
}
