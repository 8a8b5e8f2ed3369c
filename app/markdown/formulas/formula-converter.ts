import type { View } from '../view.ts';

/** Converts TeX to MathML. Returns `null` for TeX that cannot be converted. The page then shows the TeX. */
export type FormulaConverter = (tex: string, isDisplay: boolean) => View | null;

/**
 * Maximum number of characters of TeX in one text that are converted while a page is rendered. The browser converts the rest
 * when it has time.
 */
const MAX_CONVERTED_AT_ONCE = 20_000;
/** Maximum number of cached formulas. Without a cache, each animation frame would convert the formulas of a growing paragraph again. */
const MAX_KEPT = 500;

let converter: FormulaConverter | null = null;
const kept = new Map<string, View | null>();

/** Called when the server starts, and in a browser when Temml, the library that converts TeX, is loaded. */
export function setFormulaConverter(convert: FormulaConverter): void {
  converter = convert;
}

/**
 * Returns a function that replaces the sources of formulas with MathML. All calls of the returned function together convert at most
 * `maxCharacters` of TeX. Without a converter, the returned function changes nothing.
 */
export function createFormulas(maxCharacters = MAX_CONVERTED_AT_ONCE): (views: readonly View[]) => readonly View[] {
  let left = maxCharacters;
  const convertAll = (views: readonly View[]): readonly View[] => {
    if (!converter || !views.some((view) => typeof view !== 'string')) return views;
    return views.map((view) => {
      if (typeof view === 'string') return view;
      const tex = view.attributes?.['data-tex'];
      if (tex === undefined)
        return view.children.length === 0 ? view : { ...view, children: convertAll(view.children) };
      left -= tex.length;
      const math = left < 0 ? null : convertFormula(tex, view.attributes?.class === 'formula display');
      return math ? { ...view, children: [math] } : view;
    });
  };
  return convertAll;
}

export function convertFormula(tex: string, isDisplay: boolean): View | null {
  if (!converter) return null;
  const key = `${isDisplay} ${tex}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  if (kept.size >= MAX_KEPT) kept.clear();
  const math = converter(tex, isDisplay);
  kept.set(key, math);
  return math;
}
