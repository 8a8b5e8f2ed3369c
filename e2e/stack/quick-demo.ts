import { demoScript } from '../../sidecar/models/demo/demo-script.ts';
import { test as base } from './test.ts';
import type { StackOptions } from './start-stack.ts';

export { expect } from './test.ts';

/** `test`, with one stack for all files that use this one, whose demo writes faster than a person reads. */
export const test = base.extend<object, { stackOptions: StackOptions }>({
  stackOptions: [{ env: { DEMO_SPEED: '4' } }, { scope: 'worker' }],
});

/** Answered with headings, lists, code, a table, CJK, and emoji that are made of several signs. */
export const DEMO_QUESTION = 'Show me';

/** What the demo says to {@link DEMO_QUESTION}, to the byte. */
export const DEMO_ANSWER = demoScript([
  { id: 'question', role: 'user', parts: [{ type: 'text', text: DEMO_QUESTION }] },
]).text(null);
