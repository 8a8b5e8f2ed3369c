import { useSyncExternalStore } from 'react';

/** `online`: what the browser says. `waiting`: the person has opened a page or sent a form, and the server cannot answer now. */
export interface Connectivity {
  online: boolean;
  waiting: boolean;
}

const ALL_WELL: Connectivity = { online: true, waiting: false };
let current = ALL_WELL;
let waits = 0;
const listeners = new Set<() => void>();

function update(change: Partial<Connectivity>): void {
  const next = { ...current, ...change };
  if (next.online === current.online && next.waiting === current.waiting) return;
  current = next;
  for (const listener of listeners) listener();
}

/** Reports that a page is waiting for the network. The returned function reports the end of the wait. */
export function waitForPage(): () => void {
  waits += 1;
  update({ waiting: true });
  let isOver = false;
  return () => {
    if (isOver) return;
    isOver = true;
    waits -= 1;
    update({ waiting: waits > 0 });
  };
}

function subscribe(listener: () => void): () => void {
  const look = () => update({ online: navigator.onLine });
  listeners.add(listener);
  addEventListener('online', look);
  addEventListener('offline', look);
  look();
  return () => {
    listeners.delete(listener);
    removeEventListener('online', look);
    removeEventListener('offline', look);
  };
}

export const useConnectivity = (): Connectivity =>
  useSyncExternalStore(
    subscribe,
    () => current,
    () => ALL_WELL,
  );
