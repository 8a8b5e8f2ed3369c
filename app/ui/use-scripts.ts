import { useSyncExternalStore } from 'react';

/**
 * True if scripts run. False on the server and in the first render, so that a page without scripts does not get a state that only
 * scripts could change, such as a disabled button.
 */
export const useScripts = (): boolean =>
  useSyncExternalStore(
    () => () => undefined,
    () => true,
    () => false,
  );
