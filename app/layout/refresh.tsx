import { useNavigation, useRevalidator } from '@remix-run/react';
import { createContext, useCallback, useContext, useEffect, useRef, useState, type ReactNode } from 'react';
import { ensureSession } from '~/hooks/stream-environment.ts';

const RefreshContext = createContext<() => void>(() => undefined);

/** Returns a function that loads all data of the page again. Several calls at once make one request. */
export const useRefresh = (): (() => void) => useContext(RefreshContext);

/**
 * Performs the refreshes that `useRefresh` requests. A refresh waits until Remix has no other request under way. Otherwise the
 * refresh would cancel that request, and the browser's console reports a cancelled request as an error. While the server cannot
 * answer, the page stays as it is: see `patientFetch`.
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
    // If the person navigates meanwhile, the other page is loaded first, and the refresh follows.
    return () => void (isOver = true);
  }, [wanted, idle]);
  const refresh = useCallback(() => setWanted(true), []);
  return <RefreshContext.Provider value={refresh}>{children}</RefreshContext.Provider>;
}
