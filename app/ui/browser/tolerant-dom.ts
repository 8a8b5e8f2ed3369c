/**
 * Changes the DOM's own `removeChild` and `insertBefore`, so that React can update a page that something else has changed.
 * Translators of browsers, and extensions, wrap and replace the nodes that React has made. React then asks to remove a node from
 * an element that is no longer the node's parent. The browser's error would make the whole page fail. The changed `removeChild`
 * removes the wrapper instead, and ignores a node that is already gone.
 */
export function tolerateForeignChanges(prototype: Node = Node.prototype): void {
  const { removeChild, insertBefore } = prototype;
  prototype.removeChild = function <T extends Node>(this: Node, child: T): T {
    const own = childHolding(this, child);
    if (own) removeChild.call(this, own);
    return child;
  };
  prototype.insertBefore = function <T extends Node>(this: Node, node: T, before: Node | null): T {
    return insertBefore.call(this, node, before && childHolding(this, before)) as T;
  };
}

/** The child of `parent` that is `node` or has it inside. */
function childHolding(parent: Node, node: Node): Node | null {
  let at: Node | null = node;
  while (at && at.parentNode !== parent) at = at.parentNode;
  return at;
}
