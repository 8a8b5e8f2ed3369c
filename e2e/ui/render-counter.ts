import type { Page } from '@playwright/test';

/** How often finished blocks of an answer were rendered again. */
export interface BlockRenders {
  /** Number of finished blocks. */
  finished: number;
  /** Their renders after they were finished, without those of code. */
  again: number;
  /** The most renders of one code block after it was finished. One is its highlighting. */
  codeAgain: number;
}

declare global {
  var blockRenders: () => BlockRenders;
}

/** The fields of a React 18 fiber that are used here, by React's names. */
interface Fiber {
  tag: number;
  flags: number;
  child: Fiber | null;
  sibling: Fiber | null;
  alternate: Fiber | null;
  stateNode: unknown;
}

/** Counts by means of React's interface for developer tools, on every page that is opened from now on. Works in production. */
export async function countBlockRenders(page: Page): Promise<void> {
  await page.addInitScript(installCounter);
}
export const blockRendersOf = (page: Page): Promise<BlockRenders> => page.evaluate(() => globalThis.blockRenders());

function installCounter(): void {
  const FUNCTION_TAGS = new Set([0, 11, 14, 15]);
  const HOST_TAG = 5;
  const PERFORMED_WORK = 1;
  /** Renders of a block since the commit in which it was finished. */
  const finished = new Map<Element, number>();

  function blockOf(fiber: Fiber): Element | null {
    let host: Fiber | null = fiber;
    while (host && host.tag !== HOST_TAG) host = host.child;
    const element = host?.stateNode;
    return element instanceof Element && element.parentElement?.matches('.turn .answer') ? element : null;
  }

  function visit(fiber: Fiber, rendered: Set<Element>): void {
    if (FUNCTION_TAGS.has(fiber.tag) && fiber.flags & PERFORMED_WORK) {
      const block = blockOf(fiber);
      if (block) rendered.add(block);
    }
    // React skipped children that are the same objects as before.
    if (fiber.child === fiber.alternate?.child) return;
    for (let child = fiber.child; child; child = child.sibling) visit(child, rendered);
  }

  function committed(root: { current: Fiber }): void {
    const rendered = new Set<Element>();
    visit(root.current, rendered);
    for (const block of rendered) {
      const renders = finished.get(block);
      if (renders !== undefined) finished.set(block, renders + 1);
    }
    for (const block of document.querySelectorAll('.turn .answer > :not(:last-child)')) {
      if (!finished.has(block)) finished.set(block, 0);
    }
  }

  Object.assign(globalThis, {
    __REACT_DEVTOOLS_GLOBAL_HOOK__: {
      supportsFiber: true,
      isDisabled: false,
      renderers: new Map(),
      inject: () => 1,
      checkDCE: () => undefined,
      onCommitFiberRoot: (_: number, root: { current: Fiber }) => committed(root),
      onPostCommitFiberRoot: () => undefined,
      onCommitFiberUnmount: () => undefined,
    },
    blockRenders: (): BlockRenders => {
      const all = [...finished];
      const isCode = ([block]: [Element, number]) => block.matches('figure.code');
      return {
        finished: all.length,
        again: all.filter((entry) => !isCode(entry)).reduce((sum, [, renders]) => sum + renders, 0),
        codeAgain: Math.max(0, ...all.filter(isCode).map(([, renders]) => renders)),
      };
    },
  });
}
