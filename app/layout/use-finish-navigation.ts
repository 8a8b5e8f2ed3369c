import { useNavigation } from '@remix-run/react';
import { useEffect, useRef } from 'react';
import { tabStorage } from '~/ui/browser/browser-storage.ts';

const KEY = 'rejoin:going';

/**
 * When a new build of this app has been deployed, the scripts of the old build may be gone from the server. If a person then opens
 * another page, Remix reloads the current page and forgets which page the person wanted to open. This hook opens that page after
 * the reload.
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
      // The same page is not stored a second time. If its script can never be loaded, each attempt would reload the current page
      // again, without end.
      if (going.current !== null && going.current !== wanted) tabStorage.write(KEY, going.current);
    };
    addEventListener('pagehide', leave);
    return () => removeEventListener('pagehide', leave);
  }, []);
}
