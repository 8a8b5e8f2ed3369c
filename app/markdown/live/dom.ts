import type { Attributes, View, ViewElement } from '../view.ts';

const NAMESPACES = new Map([
  ['svg', 'http://www.w3.org/2000/svg'],
  ['path', 'http://www.w3.org/2000/svg'],
]);
const MATHML = 'http://www.w3.org/1998/Math/MathML';

/** Makes the DOM of a view. Texts become text nodes and attribute values, so nothing in them is parsed as HTML. */
export function createNode(view: View, isMath = false): Node {
  if (typeof view === 'string') return document.createTextNode(view);
  return createElement(view, isMath);
}

export function createElement({ tag, attributes, children }: ViewElement, isMath = false): Element {
  const isWithinMath = isMath || tag === 'math';
  const namespace = isWithinMath ? MATHML : NAMESPACES.get(tag);
  const node = namespace ? document.createElementNS(namespace, tag) : document.createElement(tag);
  setAttributes(node, undefined, attributes);
  for (const child of children) node.append(createNode(child, isWithinMath));
  return node;
}

export function setAttributes(node: Element, old: Attributes | undefined, next: Attributes | undefined): void {
  if (old === next) return;
  for (const name in old) if (next?.[name] === undefined) node.removeAttribute(name);
  for (const name in next) if (old?.[name] !== next[name]) node.setAttribute(name, next[name]!);
}

/**
 * Changes the children of an element so that they show `next`. The nodes before the first changed view stay, so a selection in them
 * stays, too. If a text has only grown, the new part is appended to the text node. A node that another program (such as a
 * translator) has changed is replaced instead.
 */
export function patchChildren(parent: Element, old: readonly View[], next: readonly View[]): void {
  const { childNodes } = parent;
  if (childNodes.length !== old.length) return parent.replaceChildren(...next.map((view) => createNode(view)));
  const common = Math.min(old.length, next.length);
  let at = 0;
  while (at < common && isSame(old[at]!, next[at]!)) at += 1;
  const node = childNodes[at];
  if (at < common && node && patchNode(node, old[at]!, next[at]!)) at += 1;
  while (childNodes.length > at) parent.lastChild!.remove();
  for (; at < next.length; at += 1) parent.append(createNode(next[at]!));
}

function patchNode(node: Node, old: View, next: View): boolean {
  if (typeof old === 'string' || typeof next === 'string') {
    if (typeof old !== 'string' || typeof next !== 'string') return false;
    if (!(node instanceof Text) || node.data !== old) return false;
    if (next.startsWith(old)) node.appendData(next.slice(old.length));
    else node.data = next;
    return true;
  }
  if (!(node instanceof Element) || node.localName !== next.tag || old.tag !== next.tag || next.opaque) return false;
  setAttributes(node, old.attributes, next.attributes);
  patchChildren(node, old.children, next.children);
  return true;
}

export function isSame(a: View, b: View): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  if (a.tag !== b.tag || !hasSameAttributes(a, b)) return false;
  if (a.opaque && b.opaque) return true;
  if (a.children.length !== b.children.length) return false;
  return a.children.every((child, index) => isSame(child, b.children[index]!));
}

function hasSameAttributes({ attributes: a }: ViewElement, { attributes: b }: ViewElement): boolean {
  if (a === b) return true;
  for (const name in a) if (a[name] !== b?.[name]) return false;
  for (const name in b) if (a?.[name] === undefined) return false;
  return true;
}
