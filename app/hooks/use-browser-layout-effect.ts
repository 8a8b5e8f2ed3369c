import { useEffect, useLayoutEffect } from 'react';

/** `useLayoutEffect` in a browser. On a server, `useEffect`, because React warns about `useLayoutEffect` there. */
export const useBrowserLayoutEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect;
