import { CommandError } from '../database.ts';

/** The character classes of Lua that the scripts use. */
const CLASSES: Readonly<Record<string, string>> = {
  a: '[A-Za-z]',
  d: '[0-9]',
  l: '[a-z]',
  S: String.raw`[^ \t\n\v\f\r]`,
};
/** Any byte, also a line feed. */
const ANY = String.raw`[\s\S]`;
const known = new Map<string, RegExp>();

/** Translates a pattern of Lua into a regular expression. Throws if the pattern has something that no script of the product uses. */
export function toRegExp(pattern: string): RegExp {
  const found = known.get(pattern);
  if (found !== undefined) return found;
  const source = pattern.replaceAll(/%(.)|\.|([^\w :>/$^()*+])/g, (part: string, name: string | undefined) => {
    if (part === '.') return ANY;
    const made = name === undefined ? undefined : CLASSES[name];
    if (made === undefined)
      throw new CommandError(`ERR the explorer's Lua does not know "${part}" in a pattern: add it`);
    return made;
  });
  const made = new RegExp(source, 'g');
  known.set(pattern, made);
  return made;
}
