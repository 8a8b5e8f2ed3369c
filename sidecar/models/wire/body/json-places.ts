/** Finds the positions of values in JSON without parsing it. All functions expect valid JSON. */

export interface Place {
  from: number;
  to: number;
}

/**
 * Fields of a frame that are never read and that some servers change with each frame: an id, a time, or padding that hides
 * the length of a word (`obfuscation`, `p`).
 */
const IGNORED = new Set(['id', 'created', 'created_at', 'model', 'provider', 'system_fingerprint', 'obfuscation', 'p']);

/** The places of the strings and whole numbers in the {@link IGNORED} fields of the outermost record. */
export function ignoredValuesIn(json: string): Place[] {
  const places: Place[] = [];
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const char = json[at]!;
    if (char === '{' || char === '[') depth += 1;
    if (char === '}' || char === ']') depth -= 1;
    if (char !== '"') continue;
    const end = endOfText(json, at);
    if (end === -1) return places;
    const from = afterSpaces(json, end + 1);
    const isName = depth === 1 && json[end] === ':';
    if (isName && IGNORED.has(json.slice(at + 1, end - 1))) {
      const to = json[from] === '"' ? endOfText(json, from) : endOfNumber(json, from);
      if (to !== -1) places.push({ from, to });
    }
    at = end - 1;
  }
  return places;
}

/** The index after any spaces at `from`. */
export function afterSpaces(json: string, from: number): number {
  while (json[from] === ' ') from += 1;
  return from;
}

/** The index after the string that begins at `from`; -1 if no string begins there, or if the string does not end. */
export function endOfText(json: string, from: number): number {
  if (json[from] !== '"') return -1;
  for (let at = from + 1; at < json.length; at += 1) {
    if (json[at] === '\\') at += 1;
    else if (json[at] === '"') return at + 1;
  }
  return -1;
}

function endOfNumber(json: string, from: number): number {
  const digits = /^(?:0|[1-9]\d*)(?=[,}\]\s])/.exec(json.slice(from, from + 40));
  return digits ? from + digits[0].length : -1;
}
