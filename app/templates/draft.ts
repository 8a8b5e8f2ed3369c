import { blanksIn, isBuiltIn } from '../../shared/templates/blanks.ts';
import {
  MAX_TEMPLATE_BYTES,
  MAX_VARIABLES,
  type TemplateContent,
  type Variable,
} from '../../shared/templates/content.ts';

/** One blank (`{{focus}}` in the text) in the editor. Numbers and dates are strings, as in form fields. */
export interface BlankDraft {
  name: string;
  type: Variable['type'];
  label: string;
  required: boolean;
  default: string;
  least: string;
  most: string;
  /** One per line. */
  options: string;
}

/** A template in the editor. It may not be valid yet. */
export interface Draft {
  name: string;
  command: string;
  description: string;
  message: string;
  instructions: string;
  modelId: string;
  blanks: BlankDraft[];
}

/** An editor's unsaved fields, and the etag that the template had when the editor was opened. */
export interface Edited {
  etag: string;
  draft: Draft;
}

/** The fields that the browser has kept; `null` if there are none, or if another version of this app has stored them. */
export function editedIn(stored: string): Edited | null {
  try {
    const { etag, draft } = JSON.parse(stored) as Edited;
    const isLike = (value: object, shape: object) =>
      Object.entries(shape).every(([key, field]) => typeof Reflect.get(value, key) === typeof field);
    const isDraft = isLike(draft, emptyDraft) && draft.blanks.every((blank) => isLike(blank, newBlank('')));
    return typeof etag === 'string' && isDraft ? { etag, draft } : null;
  } catch {
    return null;
  }
}

export const BLANK_TYPES: readonly Variable['type'][] = ['text', 'textarea', 'number', 'select', 'boolean', 'date'];

export const emptyDraft: Draft = {
  name: '',
  command: '',
  description: '',
  message: '',
  instructions: '',
  modelId: '',
  blanks: [],
};

/** Longer texts are cut to this many characters: one more than a template may have, so that a cut text is still refused. */
const MAX_TEXT_CHARS = MAX_TEMPLATE_BYTES + 1;

/**
 * The names of the blanks in the texts of a draft, without built-in blanks such as `{{date}}`. If there are too many names, returns
 * one name more than a template may have, so that the draft is still refused.
 */
export const blankNames = ({ message, instructions }: Pick<Draft, 'message' | 'instructions'>): string[] =>
  blanksIn(message, instructions)
    .filter((name) => !isBuiltIn(name))
    .slice(0, MAX_VARIABLES + 1);

export const newBlank = (name: string): BlankDraft => ({
  name,
  type: 'text',
  label: '',
  required: true,
  default: '',
  least: '',
  most: '',
  options: '',
});

export function draftOf({
  name,
  command,
  description,
  message,
  instructions,
  modelId = '',
  variables,
}: TemplateContent): Draft {
  return { name, command, description, message, instructions, modelId, blanks: variables.map(blankOf) };
}

function blankOf(variable: Variable): BlankDraft {
  const { name, type, label = '', required } = variable;
  const text = (value: string | number | boolean | undefined) => (value === undefined ? '' : String(value));
  const [least, most] =
    variable.type === 'text' || variable.type === 'textarea'
      ? [variable.minLength, variable.maxLength]
      : variable.type === 'number' || variable.type === 'date'
        ? [variable.min, variable.max]
        : [];
  const options = variable.type === 'select' ? variable.options.join('\n') : '';
  return {
    name,
    type,
    label,
    required,
    default: text(variable.default),
    least: text(least),
    most: text(most),
    options,
  };
}

/** Reads the draft from the editor's form. Blanks that are no longer in the draft's texts are left out. */
export function draftIn(form: FormData): Draft {
  const field = (name: string) => String(form.get(name) ?? '').replaceAll('\r\n', '\n');
  const long = (name: string) => field(name).slice(0, MAX_TEXT_CHARS);
  const texts = { message: long('message'), instructions: long('instructions') };
  const blanks = blankNames(texts).map((name): BlankDraft => {
    const of = (part: string) => field(blankField(name, part));
    const type = BLANK_TYPES.find((known) => known === of('type'));
    if (type === undefined) return newBlank(name);
    const isRequired = form.has(blankField(name, 'required'));
    const [least, most] = [of('least'), of('most')];
    return {
      name,
      type,
      label: of('label'),
      required: isRequired,
      default: of('default'),
      least,
      most,
      options: of('options'),
    };
  });
  const [name, command, description] = [field('title'), field('command'), field('description')];
  return { name, command, description, ...texts, modelId: field('modelId'), blanks };
}

export const blankField = (name: string, part: string): string => `b.${name}.${part}`;

/**
 * Makes the content of a template from a draft. If the text of a number field is not a number, it stays a string, so that the schema
 * refuses this field.
 */
export function contentOf({ name, command, description, message, instructions, modelId, blanks }: Draft) {
  const kept = new Map(blanks.map((blank) => [blank.name, blank]));
  const variables = blankNames({ message, instructions }).map((each) => variableOf(kept.get(each) ?? newBlank(each)));
  const slash = command.trim().toLowerCase().replace(/^\//, '');
  return {
    name,
    command: slash,
    description,
    message,
    instructions,
    ...(modelId ? { modelId } : {}),
    variables,
  } as TemplateContent;
}

function variableOf({ name, type, label, required, default: fallback, least, most, options }: BlankDraft): Variable {
  const given = (values: Record<string, string>, convert: (value: string) => unknown = (value) => value) =>
    Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === '' ? [] : [[key, convert(value)]])));
  const common = { type, name, required, ...given({ label }) };
  switch (type) {
    case 'text':
    case 'textarea':
      return {
        ...common,
        ...given({ default: fallback }),
        ...given({ minLength: least, maxLength: most }, numberIn),
      } as Variable;
    case 'number':
      return { ...common, ...given({ default: fallback, min: least, max: most }, numberIn) } as Variable;
    case 'date':
      return { ...common, ...given({ default: fallback, min: least, max: most }) } as Variable;
    case 'select': {
      const lines = options.split('\n').map((line) => line.trim());
      return { ...common, ...given({ default: fallback }), options: lines.filter((line) => line !== '') } as Variable;
    }
    case 'boolean':
      return { ...common, required: false, default: fallback === 'true' } as Variable;
    default:
      return type satisfies never;
  }
}

const numberIn = (text: string): number | string => (Number.isNaN(Number(text)) ? text : Number(text));
