const MAX_DEPTH = 8;
const MAX_TEXT = 20_000;

/** The value if it is a string, otherwise ''. Models may send objects, and some of them cannot be converted to a string. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A JSON value as readable text. Parts that are too deep or too long are replaced by `…`. */
export function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : printed(value, '', { left: MAX_TEXT });
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

function printed(value: unknown, indent: string, budget: { left: number }): string {
  if (budget.left <= 0) return '…';
  if (typeof value !== 'object' || value === null) {
    const text = typeof value === 'string' ? JSON.stringify(value.slice(0, MAX_TEXT)) : String(value);
    budget.left -= text.length;
    return text;
  }
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
  if (indent.length >= 2 * MAX_DEPTH) return `${open}…${close}`;
  const inner = `${indent}  `;
  const lines: string[] = [];
  for (const name of Object.keys(value)) {
    if (budget.left <= 0) {
      lines.push(`${inner}…`);
      break;
    }
    budget.left -= inner.length + name.length;
    const label = Array.isArray(value) ? '' : `${JSON.stringify(name.slice(0, MAX_TEXT))}: `;
    lines.push(`${inner}${label}${printed((value as Record<string, unknown>)[name], inner, budget)}`);
  }
  return lines.length === 0 ? open + close : `${open}\n${lines.join(',\n')}\n${indent}${close}`;
}
