import { demoScript } from '../../sidecar/models/demo/demo-script.ts';
import { test as base } from './test.ts';
import type { StackOptions } from './start-stack.ts';

export { expect } from './test.ts';

/**
 * `test` with a stack whose demo model writes faster than a person reads. The files that use this module have the same settings, so
 * that a worker needs only one stack for all of them.
 */
export const test = base.extend<object, { stackOptions: StackOptions }>({
  stackOptions: [{ env: { DEMO_SPEED: '8' } }, { scope: 'worker' }],
});

/** The demo's answer to this question has headings, lists, code, a table, CJK, and emoji of several code points. */
export const DEMO_QUESTION = 'Show me';

/** The demo's exact answer to {@link DEMO_QUESTION}. */
export const DEMO_ANSWER = demoScript([
  { id: 'question', role: 'user', parts: [{ type: 'text', text: DEMO_QUESTION }] },
]).text(null);
