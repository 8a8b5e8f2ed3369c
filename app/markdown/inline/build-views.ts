import { safeUrl } from '../safe-url.ts';
import { textOfViews, type Attributes, type View } from '../view.ts';
import type { Bracket, Mark, Token } from './tokens.ts';

/** Maximum depth of nested elements. Deeper elements are not created, and their marks (`**`) are shown as text. */
const MAX_DEPTH = 24;

interface OpenElement {
  tag: Mark | 'link' | 'skipped';
  link: Bracket | null;
  children: View[];
}

/**
 * Builds elements from tokens. The tokens already say which opening and closing marks form a pair.
 *
 * @param image returns the text that is shown in place of an image: for the name `a cat`, `Image: a cat`
 */
export function buildViews(tokens: readonly Token[], image: (name: string) => string): View[] {
  const stack: OpenElement[] = [{ tag: 'skipped', link: null, children: [] }];
  const add = (view: View) => {
    const { children } = stack.at(-1)!;
    const last = children.length - 1;
    if (typeof view !== 'string') children.push(view);
    else if (view === '') return;
    else if (last >= 0 && typeof children[last] === 'string') children[last] += view;
    else children.push(view);
  };
  /** Number of open marks that are not shown as elements, because they are nested too deep. */
  let tooDeep = 0;
  const open = (tag: OpenElement['tag'], link: Bracket | null, signs: string) => {
    if (stack.length <= MAX_DEPTH) return void stack.push({ tag, link, children: [] });
    tooDeep += 1;
    add(signs);
  };
  const close = (signs: string) => {
    if (tooDeep > 0) {
      tooDeep -= 1;
      return add(signs);
    }
    if (stack.length === 1) return;
    const { tag, link, children } = stack.pop()!;
    if (link?.isImage && stack.some((outer) => outer.link?.isImage)) for (const view of children) add(view);
    else if (link)
      for (const view of linkViews(link, children, { isInLink: stack.some((outer) => outer.link), image })) add(view);
    else add({ tag, children });
  };

  for (const token of tokens) {
    if (typeof token === 'string') add(token);
    else if (token.kind === 'view') add(token.view);
    else if (token.kind === 'link end') close(']');
    else if (token.kind === 'bracket') {
      const sign = token.isImage ? '![' : '[';
      if (token.becomes === null) add(sign);
      else if (token.becomes !== 'hidden') open('link', token, sign);
      else if (token.isImage) add(image(''));
    } else {
      for (const mark of token.closes) close(signsOf(token.sign, mark));
      if (token.left > 0) add(token.sign.repeat(token.left));
      for (let index = token.opens.length - 1; index >= 0; index -= 1) {
        const mark = token.opens[index]!;
        open(mark, null, signsOf(token.sign, mark));
      }
    }
  }
  // In an unfinished text, open elements end with the text.
  tooDeep = 0;
  while (stack.length > 1) close('');
  return stack[0]!.children;
}

const signsOf = (sign: string, mark: Mark): string => (mark === 'em' ? sign : sign + sign);

function linkViews(
  { becomes, isImage }: Bracket,
  children: View[],
  { isInLink, image }: { isInLink: boolean; image: (name: string) => string },
): View[] {
  if (becomes === null || becomes === 'hidden') return children;
  const { href, title } = becomes;
  // Images are shown as links, because loading an image would tell its server who reads the answer, and when.
  const shown = isImage ? [image(textOfViews(children) || href)] : isInLink ? children : withoutLinks(children);
  return isInLink ? shown : [linkView(href, title, shown)];
}

/**
 * Replaces links with their text. The text of a link may contain addresses and images, which are usually shown as links. But a link
 * cannot contain a link.
 */
const withoutLinks = (views: readonly View[]): View[] =>
  views.map((view) => {
    if (typeof view === 'string' || view.opaque) return view;
    return {
      ...view,
      tag: view.tag === 'a' ? 'span' : view.tag,
      children: withoutLinks(view.children),
      ...(view.tag === 'a' ? { attributes: undefined } : {}),
    };
  });

/** A link to a URL that a model wrote, or only the link's text if the URL could do harm. */
export function linkView(href: string, title: string, children: View[]): View {
  const url = safeUrl(href);
  if (!url) return { tag: 'span', children };
  const attributes: Attributes = { href: url, target: '_blank', rel: 'noopener noreferrer nofollow' };
  return { tag: 'a', attributes: title === '' ? attributes : { ...attributes, title }, children };
}
