import { useSyncExternalStore } from 'react';

/** False on the server and in the first render, so that a page without scripts does not get what only scripts can change. */
export const useScripts = (): boolean =>
  useSyncExternalStore(
    () => () => undefined,
    () => true,
    () => false,
  );
