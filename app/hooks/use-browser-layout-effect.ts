import { useEffect, useLayoutEffect } from 'react';

/** `useLayoutEffect` in a browser. On a server, where React would warn about it, it does nothing. */
export const useBrowserLayoutEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect;
