import { test as base } from '@playwright/test';
import { startStack, type Stack, type StackOptions } from './start-stack.ts';

export { expect } from '@playwright/test';

/**
 * Playwright's `test` with one stack for each worker. `baseURL` is the URL of the stack's app. A file that needs another stack, for
 * example without Redis, writes `test.use({ stackOptions: { redis: false } })`.
 *
 * A test that kills a part of the stack must restart that part, or use a stack of its own.
 */
export const test = base.extend<object, { stackOptions: StackOptions; stack: Stack }>({
  stackOptions: [{}, { option: true, scope: 'worker' }],
  stack: [
    async ({ stackOptions }, use) => {
      const stack = await startStack(stackOptions);
      await use(stack);
      await stack.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  baseURL: async ({ stack }, use) => use(stack.baseURL),
});
