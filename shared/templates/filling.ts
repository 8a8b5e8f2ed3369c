import { z } from 'zod';
import { idSchema } from '../ids.ts';

/** A value of a blank. Forms send text for all types. */
const valueSchema = z.union([z.string(), z.number(), z.boolean()]);
export type TemplateValues = Record<string, string | number | boolean>;

export const fillingSchema = z.object({
  /** The number of a version of the template. Default: the live version (`templateSummarySchema`). */
  version: z.number().int().min(1).optional(),
  values: z.record(z.string().max(64), valueSchema).default({}),
  /** The value of `{{name}}`. */
  name: z.string().trim().min(1).max(100).optional(),
  /** The IANA time zone of `{{date}}` and `{{time}}`. Default: UTC. */
  timeZone: z.string().max(64).refine(isTimeZone, 'must be a time zone, for example Europe/Berlin').optional(),
});
export type Filling = z.infer<typeof fillingSchema>;

/** The field `template` of a start. A start with this field has no `messages`. */
export const templateUseSchema = fillingSchema.extend({
  id: idSchema,
  /** The id of the question. If left out, the sidecar makes one. */
  questionId: idSchema.optional(),
});
export type TemplateUse = z.infer<typeof templateUseSchema>;

function isTimeZone(timeZone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}
