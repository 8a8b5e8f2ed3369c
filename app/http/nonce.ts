import { createContext, useContext } from 'react';

/**
 * The nonce of this page's Content-Security-Policy, which every script and style element written into the page must
 * carry. `undefined` in the browser, which renders no such elements later.
 */
export const NonceContext = createContext<string | undefined>(undefined);
export const useNonce = (): string | undefined => useContext(NonceContext);
