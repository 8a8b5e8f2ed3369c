import { useSyncExternalStore } from 'react';
import { flushSync } from 'react-dom';

/**
 * Whether the sidebar is hidden on large screens. A cookie tells the server the same, so that nothing moves after a page has
 * loaded. `null` until the person hides or shows the sidebar on this page. Until then, the sidebar is as the server rendered it.
 */
let hidden: boolean | null = null;
const listeners = new Set<() => void>();
const YEAR_SECONDS = 365 * 24 * 60 * 60;

export function hideSidebar(isHidden: boolean): void {
  hidden = isHidden;
  document.cookie = `sidebar=${isHidden ? 'hidden' : ''}; Max-Age=${isHidden ? YEAR_SECONDS : 0}; Path=/; SameSite=Lax`;
  // React renders the change at once, so that the caller can focus an element that has become visible.
  flushSync(() => {
    for (const listener of listeners) listener();
  });
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useSidebarHidden = (rendered: boolean): boolean =>
  useSyncExternalStore(
    subscribe,
    () => hidden ?? rendered,
    () => rendered,
  );

export const isSidebarHidden = (request: Request): boolean =>
  /(?:^|;\s*)sidebar=hidden(?:;|$)/.test(request.headers.get('cookie') ?? '');
