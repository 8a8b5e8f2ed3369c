import type { Page } from '@playwright/test';

/** How often blocks of an answer changed after they were finished. A block is finished once another block follows it. */
export interface BlockRenders {
  /** Number of finished blocks. */
  finished: number;
  /** Number of changes to finished blocks that are not code blocks. */
  again: number;
  /** The maximum number of changes of one code block after it was finished. Colouring it is one change. */
  codeAgain: number;
}

declare global {
  var blockRenders: () => BlockRenders;
}

/** Counts the changes of blocks in every document that this page opens from now on. */
export async function countBlockRenders(page: Page): Promise<void> {
  await page.addInitScript(installCounter);
}
export const blockRendersOf = (page: Page): Promise<BlockRenders> => page.evaluate(() => globalThis.blockRenders());

function installCounter(): void {
  /** Changes of a block since it was finished. */
  const finished = new Map<Element, number>();

  const blockOf = (node: Node): Element | null => {
    let block = node instanceof Element ? node : node.parentElement;
    while (block && !block.parentElement?.matches('.turn .answer')) block = block.parentElement;
    return block;
  };

  const observer = new MutationObserver((records) => {
    const changed = new Set<Element>();
    for (const { target, type, attributeName } of records) {
      // This attribute marks code whose colouring has begun. The attribute itself changes nothing visible.
      if (type === 'attributes' && attributeName === 'data-coloured') continue;
      const block = blockOf(target);
      if (block) changed.add(block);
    }
    for (const block of changed) {
      const changes = finished.get(block);
      if (changes !== undefined) finished.set(block, changes + 1);
    }
    for (const block of document.querySelectorAll('.turn .answer > :not(:last-child)')) {
      if (!finished.has(block)) finished.set(block, 0);
    }
  });
  observer.observe(document, { subtree: true, childList: true, characterData: true, attributes: true });

  Object.assign(globalThis, {
    blockRenders: (): BlockRenders => {
      const all = [...finished];
      const isCode = ([block]: [Element, number]) => block.matches('figure.code');
      return {
        finished: all.length,
        again: all.filter((entry) => !isCode(entry)).reduce((sum, [, changes]) => sum + changes, 0),
        codeAgain: Math.max(0, ...all.filter(isCode).map(([, changes]) => changes)),
      };
    },
  });
}
