import temml from 'temml';
import { MAX_FORMULA } from '../inline/formulas.ts';
import { element, type View } from '../view.ts';

/** A node of the tree that Temml makes from TeX. Temml's own types do not describe this tree. */
interface TemmlNode {
  type?: string;
  text?: string;
  attributes?: Record<string, unknown>;
  style?: Record<string, unknown>;
  classes?: string[];
  children?: TemmlNode[];
}
const { __renderToMathMLTree: treeOf } = temml as unknown as {
  __renderToMathMLTree(tex: string, options: Record<string, unknown>): TemmlNode;
};

const TAGS = new Set(
  (
    'math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mmultiscripts ' +
    'mprescripts mtable mtr mtd mstyle mpadded mphantom menclose merror semantics none'
  ).split(' '),
);
const ATTRIBUTES = new Set(
  (
    'display displaystyle scriptlevel fence form stretchy symmetric largeop movablelimits accent accentunder separator ' +
    'lspace rspace minsize maxsize linethickness width height depth voffset columnalign rowspacing columnspacing ' +
    'mathvariant notation columnspan rowspan'
  ).split(' '),
);
const OPTIONS = { throwOnError: true, strict: false, trust: false, maxExpand: 200, maxSize: [20, 20] };
const MAX_DEPTH = 60;
const MAX_NODES = 4_000;

/** Commands that define macros, and internal commands of Temml, whose names contain `@`. */
const DEFINES = /\\(?:(?:[egx]?def|(?:future)?let|(?:re)?newcommand|providecommand)(?![a-z@])|[a-z]*@)/i;
/** TeX that defines a macro is shown as source if it has more characters than this. */
const MAX_DEFINING = 300;

/**
 * True if macros could make the TeX very long. `maxExpand` limits the number of expansions, but not the length of their results. A
 * macro with a parameter can repeat its argument: `\def\a#1{#1#1}\a{\a{\a{x}}}` becomes eight `x`.
 */
const mayExplode = (tex: string): boolean => DEFINES.test(tex) && (tex.includes('#') || tex.length > MAX_DEFINING);

/**
 * Converts TeX to MathML that has only known elements and attributes. Returns `null` if Temml does not understand the TeX, or if
 * the TeX or the result is too large.
 */
export function formulaToMathMl(tex: string, isDisplay: boolean): View | null {
  if (tex.length > MAX_FORMULA || mayExplode(tex)) return null;
  try {
    let left = MAX_NODES;
    const view = (node: TemmlNode, depth: number): View[] => {
      left -= 1;
      if (left < 0 || depth > MAX_DEPTH) throw new RangeError('The formula is too large.');
      if (typeof node.text === 'string') return [node.text];
      const children = (node.children ?? []).flatMap((child) => view(child, depth + 1));
      const tag = node.type ?? '';
      return TAGS.has(tag) ? [element(tag, attributesOf(node), children)] : children;
    };
    const [math, ...rest] = view(treeOf(tex, { ...OPTIONS, displayMode: isDisplay }), 0);
    return math !== undefined && rest.length === 0 ? math : null;
  } catch {
    // The formula is shown as its source.
    return null;
  }
}

function attributesOf({ attributes = {}, style = {}, classes = [] }: TemmlNode): Record<string, string> {
  const known: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes)) if (ATTRIBUTES.has(name)) known[name] = String(value);
  // The page's Content-Security-Policy allows no style attributes, so colours become attributes of MathML.
  if (typeof style.color === 'string' && style.color !== '') known.mathcolor = style.color;
  if (typeof style.backgroundColor === 'string') known.mathbackground = style.backgroundColor;
  if (classes.length > 0) known.class = classes.join(' ');
  return known;
}
