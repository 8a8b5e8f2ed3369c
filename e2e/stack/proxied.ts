import { test as base } from './test.ts';
import type { StackOptions } from './start-stack.ts';
import type { TcpProxy } from '../../testing/tcp-proxy.ts';

export { expect } from './test.ts';

/** `test` with one stack for all files that use this module, and with `network`, a proxy between the app and its sidecar. */
export const test = base.extend<{ network: TcpProxy }, { stackOptions: StackOptions }>({
  stackOptions: [{ proxied: true }, { scope: 'worker' }],
  network: async ({ stack }, use) => {
    const proxy = stack.sidecarProxy!;
    await use(proxy);
    proxy.rewriteReply = (piece) => piece;
  },
});
