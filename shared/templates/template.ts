import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { respondsWith } from '../parse-request.ts';
import { checkTemplate } from './check-template.ts';
import { contentFields, MAX_TEMPLATE_BYTES, type TemplateContent } from './content.ts';

/** Maximum number of templates of one person. */
export const MAX_TEMPLATES = 100;
/** Maximum number of versions that are kept of one template. */
export const MAX_VERSIONS = 20;

/** Ids that no template can have, because they mean something else in a URL, for example in `/templates/new`. */
const RESERVED_IDS: readonly string[] = ['new', 'export', 'import'];

export const templateIdSchema = idSchema.refine((id) => !RESERVED_IDS.includes(id), 'is reserved; choose another one');

/** The content of one version of a template. A version never changes. Every problem is reported as `template_invalid`. */
export const templateContentSchema = respondsWith('template_invalid', checked(contentFields));

function checked<Schema extends z.ZodType<TemplateContent>>(schema: Schema) {
  return schema.superRefine((content, context) => {
    const bytes = new TextEncoder().encode(JSON.stringify(content)).length;
    if (bytes > MAX_TEMPLATE_BYTES) {
      const message = `A template may have ${MAX_TEMPLATE_BYTES} bytes as JSON; this one has ${bytes}.`;
      context.addIssue({ code: 'custom', path: ['message'], message });
    }
    for (const { path, message } of checkTemplate(content)) context.addIssue({ code: 'custom', path, message });
  });
}

/** The body of `POST /templates`. */
export const newTemplateSchema = respondsWith(
  'template_invalid',
  checked(contentFields.extend({ id: templateIdSchema.optional() })),
);

/** `own`: the caller made it. `published`: an administrator made it and offers it to everybody. `shipped`: part of Rejoin. */
const templateOriginSchema = z.enum(['own', 'published', 'shipped']);
export type TemplateOrigin = z.infer<typeof templateOriginSchema>;

export const templateSummarySchema = z.object({
  id: idSchema,
  name: z.string(),
  command: z.string(),
  description: z.string(),
  origin: templateOriginSchema,
  /** True if everybody sees it. */
  published: z.boolean(),
  /** The number of the version that is used if a start names none. */
  live: z.number().int(),
  updatedAt: z.string(),
});
export type TemplateSummary = z.infer<typeof templateSummarySchema>;
export const templateListSchema = z.object({ templates: z.array(templateSummarySchema) });

/** `GET /templates/:templateId`: one version of a template. */
export const templateSchema = contentFields.extend({
  id: idSchema,
  origin: templateOriginSchema,
  published: z.boolean(),
  /** The number of this version. */
  version: z.number().int(),
  live: z.number().int(),
  /** The numbers of all versions that are kept, oldest first. */
  versions: z.array(z.number().int()),
  createdAt: z.string(),
  updatedAt: z.string(),
  /** The value of the header `ETag`, without its quotes. It changes whenever the template changes. */
  etag: z.string(),
});
export type Template = z.infer<typeof templateSchema>;

/** The query of `GET /templates`. */
export const templateListQuerySchema = z.object({
  /** The language of the templates that are shipped with Rejoin, such as `de`. Default: English. */
  language: z
    .string()
    .regex(/^[a-z]{2,3}$/, 'must be the code of a language, such as "de"')
    .optional(),
});

export const templateQuerySchema = z.object({ version: z.coerce.number().int().min(1).optional() });

/** `PATCH /templates/:templateId`. */
export const templatePatchSchema = z
  .object({
    /** Makes this version the live one. */
    live: z.number().int().min(1).optional(),
    /** `true` offers the template to everybody, `false` only to its owner. Only administrators may send this field. */
    published: z.boolean().optional(),
  })
  .refine(({ live, published }) => live !== undefined || published !== undefined, {
    message: 'needs "live" or "published"',
  });
export type TemplatePatch = z.infer<typeof templatePatchSchema>;

/** The response to `POST /templates/:templateId/preview`: the texts that a start with the same values would have. */
export const previewSchema = z.object({
  id: idSchema,
  version: z.number().int(),
  instructions: z.string(),
  message: z.string(),
  modelId: z.string().optional(),
});
export type Preview = z.infer<typeof previewSchema>;

/** `GET /templates/export`. */
export const templateFileSchema = z.object({
  /** The version of this format. */
  rejoinTemplates: z.literal(1),
  templates: z.array(contentFields.extend({ id: idSchema })),
});
export type TemplateFile = z.infer<typeof templateFileSchema>;

/** The body of `POST /templates/import`: what `GET /templates/export` returned. Ids may be left out. */
export const templateImportSchema = respondsWith(
  'template_invalid',
  templateFileSchema.extend({ templates: z.array(newTemplateSchema).min(1).max(MAX_TEMPLATES) }),
);
export type TemplateImport = z.infer<typeof templateImportSchema>;

export const importAnswerSchema = z.object({
  /** The ids of the new templates, in the order of the file. */
  created: z.array(idSchema),
  /** How many templates of the file existed already, with the same content. */
  unchanged: z.number().int(),
});
export type ImportAnswer = z.infer<typeof importAnswerSchema>;
