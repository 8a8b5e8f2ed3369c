import { useNavigation, useRevalidator } from '@remix-run/react';
import { createContext, useCallback, useContext, useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { ensureSession } from '../hooks/stream-environment.ts';

const RefreshContext = createContext<() => void>(() => undefined);

/** Asks the server again for everything on the page; several askings at once are one. */
export const useRefresh = (): (() => void) => useContext(RefreshContext);

/**
 * Waits for what is on its way before it asks again: an answer that is called off half way is an error in the console,
 * and the one that is asked for last is the newest anyway.
 */
export function RefreshProvider({ children }: { children: ReactNode }) {
  const { revalidate, state } = useRevalidator();
  const navigation = useNavigation();
  const [wanted, setWanted] = useState(false);
  const idle = state === 'idle' && navigation.state === 'idle';
  useEffect(() => {
    if (!wanted || !idle) return;
    setWanted(false);
    void ensureSession().then(revalidate);
  }, [wanted, idle, revalidate]);
  const refresh = useCallback(() => setWanted(true), []);
  return <RefreshContext.Provider value={refresh}>{children}</RefreshContext.Provider>;
}
