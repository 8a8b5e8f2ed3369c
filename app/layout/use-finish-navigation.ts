import { useNavigation } from '@remix-run/react';
import { useEffect, useRef } from 'react';
import { tabStorage } from '~/ui/browser-storage.ts';

const KEY = 'rejoin:going';

/**
 * After a new build the scripts of the old one may be gone. Remix then reloads the current page and forgets which page the
 * person wanted to open. This hook opens that page after the reload.
 */
export function useFinishNavigation(): void {
  const { state, location } = useNavigation();
  const going = useRef<string | null>(null);
  going.current = state === 'loading' ? `${location.pathname}${location.search}${location.hash}` : null;
  useEffect(() => {
    const wanted = tabStorage.read(KEY);
    tabStorage.write(KEY, '');
    const here = `${window.location.pathname}${window.location.search}${window.location.hash}`;
    // The hook opens the page only after a reload. If the person has entered another URL meanwhile, they want to stay there.
    const [entry] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
    const isReload = entry?.type === 'reload';
    const to = isReload && wanted && wanted !== here ? new URL(wanted, window.location.href) : null;
    if (to?.origin === window.location.origin) window.location.replace(to);
    const leave = () => {
      // A page is stored only once. If its script can never be loaded, each attempt reloads this page, and the reloads would not end.
      if (going.current !== null && going.current !== wanted) tabStorage.write(KEY, going.current);
    };
    addEventListener('pagehide', leave);
    return () => removeEventListener('pagehide', leave);
  }, []);
}
