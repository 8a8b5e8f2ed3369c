import { createContext, useContext } from 'react';

/**
 * The nonce of this page's Content-Security-Policy. The browser ignores inline scripts and style elements without the nonce. Only
 * the server provides a value: in the browser `useNonce` returns `undefined`.
 */
export const NonceContext = createContext<string | undefined>(undefined);
export const useNonce = (): string | undefined => useContext(NonceContext);
