/** Small functions that read JSON of unknown form. They treat a value of the wrong type as if it were missing. */

export type JsonRecord = Record<string, unknown>;

export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The value of an own property. Inherited ones such as `constructor` are not found. */
export const own = (record: JsonRecord, name: string): unknown =>
  Object.hasOwn(record, name) ? record[name] : undefined;

export function recordIn(record: JsonRecord, name: string): JsonRecord | undefined {
  const value = own(record, name);
  return isRecord(value) ? value : undefined;
}

export function stringIn(record: JsonRecord, name: string): string | undefined {
  const value = own(record, name);
  return typeof value === 'string' ? value : undefined;
}

/** The first non-empty text in these fields. */
export function firstText(record: JsonRecord, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = own(record, name);
    if (typeof value === 'string' && value !== '') return value;
  }
  return undefined;
}

/** A number that is not negative. It may be written as a string. */
export function countIn(record: JsonRecord, name: string): number | undefined {
  const value = own(record, name);
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

/** The items of a list, or the value itself if a server sent one item instead of a list. */
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : value == null ? [] : [value]);

/** Parses JSON; `undefined` if it is invalid. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Matches JSON strings. Outside of them, matches `NaN` and `Infinity`, which Python writes and JSON does not have. */
const TEXT_OR_NO_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*(?:"|$)|-?\b(?:NaN|Infinity)\b/g;

/**
 * Control characters, which a JSON string may contain only in escaped form. Line ends are not among them, because a line end
 * inside a string shows that a byte was lost.
 */
const CONTROL = /[\0-\x09\x0b\x0c\x0e-\x1f]/g;

/**
 * Parses JSON of a model server; `undefined` if it is invalid. Two mistakes are forgiven: servers in Python may write `NaN`,
 * which is read as `null`, and servers that write JSON by hand may forget to escape a tab.
 */
export function parseFrame(text: string): unknown {
  const value = parseJson(text);
  if (value !== undefined || !(/NaN|Infinity/.test(text) || text.search(CONTROL) !== -1)) return value;
  return parseJson(
    text.replaceAll(TEXT_OR_NO_NUMBER, (found) =>
      found.startsWith('"')
        ? found.replaceAll(CONTROL, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)
        : 'null',
    ),
  );
}
