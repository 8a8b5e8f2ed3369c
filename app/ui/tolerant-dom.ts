/**
 * Translators of browsers, and extensions, wrap and replace the nodes that React has made. React then asks to remove a
 * node from an element that is no longer its parent. The browser's error would make the whole page fail. With this change,
 * the wrapper is removed instead, and a node that is already gone is ignored.
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
