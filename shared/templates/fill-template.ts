import { isBuiltIn, piecesOf, type BuiltInBlank } from './blanks.ts';
import type { TemplateContent, Variable } from './content.ts';
import type { Filling, TemplateValues } from './filling.ts';

/** A problem with one field. `path` leads from the checked object to the field. */
export interface FieldProblem {
  path: (string | number)[];
  message: string;
}

/** The texts for a start, with all blanks filled in. */
export interface FilledTemplate {
  instructions: string;
  message: string;
}

/** Maximum number of bytes in one value. */
const MAX_VALUE_BYTES = 64 * 1024;
/** Maximum number of bytes in the filled message and instructions together. */
const MAX_FILLED_BYTES = 256 * 1024;
const MAX_INSTRUCTIONS_CHARS = 32_768;

/**
 * Fills the blanks of a template. Each blank is replaced by its value exactly as it is. Blanks in a value are not replaced.
 *
 *     message 'Review {{what}}', value what = '{{name}}' → 'Review {{name}}'
 *
 * `builtIns` (date, time and name) come from the caller, so that the same arguments always give the same texts.
 */
export function fillTemplate(
  { instructions, message, variables }: Pick<TemplateContent, 'instructions' | 'message' | 'variables'>,
  { values, builtIns }: { values: TemplateValues; builtIns: Record<BuiltInBlank, string> },
): { filled: FilledTemplate; problems: null } | { filled: null; problems: FieldProblem[] } {
  const problems: FieldProblem[] = [];
  const texts = new Map<string, string>(Object.entries(builtIns));
  const known = new Set(variables.map(({ name }) => name));
  for (const name of Object.keys(values)) {
    if (known.has(name)) continue;
    const why = isBuiltIn(name) ? 'It is built in and takes no value.' : 'The template has no blank with this name.';
    problems.push({ path: ['values', name], message: why });
  }
  for (const variable of variables) {
    const given = Object.hasOwn(values, variable.name) ? values[variable.name] : undefined;
    const value = isMissing(variable, given) ? (given === undefined ? variable.default : undefined) : given;
    if (value === undefined) {
      if (variable.required) problems.push({ path: ['values', variable.name], message: 'Please fill this in.' });
      texts.set(variable.name, '');
      continue;
    }
    const problem = checkValue(variable, value);
    if (problem !== null) problems.push({ path: ['values', variable.name], message: problem });
    texts.set(variable.name, String(value));
  }
  if (problems.length > 0) return { filled: null, problems };

  const parts = { instructions: piecesOf(instructions).pieces, message: piecesOf(message).pieces };
  const textOf = (piece: (typeof parts.message)[number]) =>
    'text' in piece ? piece.text : (texts.get(piece.blank) ?? '');
  const sizes = new Map([...texts].map(([name, text]) => [name, bytesOf(text)]));
  // Counted before anything is joined, because a text may use one long value a thousand times.
  const bytes = [...parts.instructions, ...parts.message].reduce(
    (sum, piece) => sum + ('text' in piece ? bytesOf(piece.text) : (sizes.get(piece.blank) ?? 0)),
    0,
  );
  if (bytes > MAX_FILLED_BYTES)
    return {
      filled: null,
      problems: [{ path: ['values'], message: `The filled text would be larger than ${MAX_FILLED_BYTES / 1024} KiB.` }],
    };
  const filled = { instructions: parts.instructions.map(textOf).join(''), message: parts.message.map(textOf).join('') };
  if (filled.instructions.length > MAX_INSTRUCTIONS_CHARS)
    problems.push({
      path: ['values'],
      message: `The filled instructions would have more than ${MAX_INSTRUCTIONS_CHARS} characters.`,
    });
  if (filled.message.trim() === '') problems.push({ path: ['values'], message: 'The filled text is empty.' });
  return problems.length > 0 ? { filled: null, problems } : { filled, problems: null };
}

/**
 * Forms send an empty text for a field that was left empty. So an empty text counts as missing, except for a text variable that
 * is not required.
 */
const isMissing = ({ type, required }: Variable, value: unknown): boolean =>
  value === undefined || (value === '' && (required || (type !== 'text' && type !== 'textarea')));

const NUMBER = /^-?\d{1,15}(?:\.\d{1,15})?$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Why a blank cannot have this value; `null` if it can. */
export function checkValue(variable: Variable, value: string | number | boolean): string | null {
  switch (variable.type) {
    case 'text':
    case 'textarea': {
      if (typeof value !== 'string') return 'It must be a text.';
      const { minLength = 0, maxLength } = variable;
      if (maxLength !== undefined && value.length > maxLength) return `It may have at most ${maxLength} characters.`;
      if (value.length < minLength && value !== '') return `It must have at least ${minLength} characters.`;
      return bytesOf(value) > MAX_VALUE_BYTES ? `It may have at most ${MAX_VALUE_BYTES / 1024} KiB.` : null;
    }
    case 'number': {
      const isNumber =
        typeof value === 'number' ? Number.isFinite(value) : typeof value === 'string' && NUMBER.test(value);
      if (!isNumber) return 'It must be a number.';
      const { min = -Infinity, max = Infinity } = variable;
      if (Number(value) < min) return `It must be at least ${min}.`;
      return Number(value) > max ? `It must be at most ${max}.` : null;
    }
    case 'select':
      return variable.options.includes(String(value)) ? null : 'It must be one of the options.';
    case 'boolean':
      return ['true', 'false'].includes(String(value)) ? null : 'It must be true or false.';
    case 'date': {
      if (typeof value !== 'string' || !DAY.test(value)) return 'It must be a date, for example 2026-03-02.';
      const parsed = new Date(`${value}T00:00:00Z`);
      // For 2026-02-30, `parsed` is invalid or another day.
      if (Number.isNaN(parsed.getTime()) || parsed.toISOString().slice(0, 10) !== value) return 'There is no such day.';
      if (variable.min !== undefined && value < variable.min) return `It must be ${variable.min} or later.`;
      return variable.max !== undefined && value > variable.max ? `It must be ${variable.max} or earlier.` : null;
    }
    default:
      return variable satisfies never;
  }
}

/** The values of the built-in blanks: date and time in `timeZone`, written as in ISO 8601, and the name. */
export function builtInsOf(
  { name, timeZone = 'UTC' }: Pick<Filling, 'name' | 'timeZone'>,
  { now, fallbackName }: { now: Date; fallbackName: string },
): Record<BuiltInBlank, string> {
  // Swedish dates are ISO 8601: 2026-03-02 17:05.
  const [date = '', time = ''] = new Intl.DateTimeFormat('sv', { timeZone, dateStyle: 'short', timeStyle: 'short' })
    .format(now)
    .split(' ');
  return { date, time, name: name ?? fallbackName };
}

const bytesOf = (text: string): number => new TextEncoder().encode(text).length;
