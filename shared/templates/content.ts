import { z } from 'zod';
import { BLANK_NAME, BLANK_NAME_RULE } from './blanks.ts';

/** Maximum size of a whole template as JSON. A text field without a smaller limit may have this many characters. */
export const MAX_TEMPLATE_BYTES = 64 * 1024;
export const MAX_VARIABLES = 20;
const MAX_OPTIONS = 50;

const nameSchema = z.string().regex(BLANK_NAME, BLANK_NAME_RULE);
/**
 * A description for the OpenAPI document. `sidecar/http/openapi/template-fields.ts` describes fields by name, but a field such as
 * `default` means something else in each type of variable.
 */
const about = (description: string, example: unknown) => ({ description, examples: [example] });
const typed = <const Type extends string>(type: Type) => z.literal(type).meta(about('The type of the variable.', type));

const common = {
  name: nameSchema,
  /** The label of the field in the form. Default: the name. */
  label: z.string().trim().max(200).optional(),
  required: z.boolean().default(false),
};
const textual = {
  ...common,
  default: z.string().max(MAX_TEMPLATE_BYTES).optional(),
  /** In characters (UTF-16 units, as forms count them). */
  minLength: z.number().int().min(0).max(MAX_TEMPLATE_BYTES).optional(),
  maxLength: z.number().int().min(1).max(MAX_TEMPLATE_BYTES).optional(),
};
const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date, for example 2026-03-02');

/** The declaration of a blank. Its type decides which values the blank can have, and which field the form shows. */
export const variableSchema = z.discriminatedUnion('type', [
  z.object({ type: typed('text'), ...textual }),
  z.object({ type: typed('textarea'), ...textual }),
  z.object({
    type: typed('number'),
    ...common,
    default: z.number().optional().meta(about('The value if a start gives none.', 5)),
    min: z.number().optional().meta(about('The smallest value.', 1)),
    max: z.number().optional().meta(about('The largest value.', 20)),
  }),
  z.object({
    type: typed('select'),
    ...common,
    options: z.array(z.string().min(1).max(500)).min(1).max(MAX_OPTIONS),
    default: z.string().max(500).optional().meta(about('The option if a start names none.', 'a table')),
  }),
  z.object({
    type: typed('boolean'),
    ...common,
    default: z.boolean().optional().meta(about('The value if a start gives none.', true)),
  }),
  z.object({
    type: typed('date'),
    ...common,
    default: day.optional().meta(about('The day if a start names none.', '2026-03-02')),
    min: day.optional().meta(about('The first day.', '2026-03-02')),
    max: day.optional().meta(about('The last day.', '2026-12-31')),
  }),
]);
export type Variable = z.infer<typeof variableSchema>;

/** The fields of a template, each checked alone. `check-template.ts` checks whether they fit together. */
export const contentFields = z.object({
  name: z.string().trim().min(1).max(80),
  /** What a person types after "/" to find the template. */
  command: z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z 0-9 -'),
  description: z.string().trim().max(300).default(''),
  /** The instructions of the chat, with blanks. Empty: the chat keeps the instructions that it has. */
  instructions: z.string().max(32_768).default(''),
  /** The question, with blanks. */
  message: z
    .string()
    .max(MAX_TEMPLATE_BYTES)
    .refine((text) => text.trim() !== '', 'must not be empty'),
  /** The model that answers if the start names none. If neither names a model, the default model answers. */
  modelId: z.string().min(1).max(256).optional(),
  variables: z.array(variableSchema).max(MAX_VARIABLES).default([]),
});
export type TemplateContent = z.infer<typeof contentFields>;
