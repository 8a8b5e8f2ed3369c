import { RejoinError } from '../../shared/errors.ts';
import { ID_PATTERN } from '../../shared/ids.ts';
import type { Filling } from '../../shared/templates/filling.ts';
import type { z } from 'zod';
import {
  importAnswerSchema,
  previewSchema,
  templateFileSchema,
  templateListSchema,
  templateSchema,
  type ImportAnswer,
  type newTemplateSchema,
  type Preview,
  type Template,
  type templateContentSchema,
  type TemplateFile,
  type TemplateImport,
  type TemplatePatch,
  type TemplateSummary,
} from '../../shared/templates/template.ts';
import type { User } from '~/auth/auth.server.ts';
import type { Caller } from '~/sidecar-client/sidecar-http.server.ts';
import { sidecar } from '~/sidecar-client/sidecar.server.ts';

/** The conditional headers of a request that changes a template. */
export type Conditions = Partial<Record<'if-match' | 'if-none-match', string>>;

export function conditionsOf({ headers }: Request): Conditions {
  const conditions: Conditions = {};
  for (const name of ['if-match', 'if-none-match'] as const) {
    const value = headers.get(name);
    if (value !== null) conditions[name] = value;
  }
  return conditions;
}

const path = (id: string): string => `/templates/${encodeURIComponent(id)}`;

/** Templates that are shipped with Rejoin are listed only in this `language`. */
export const listTemplates = (caller: Caller, language: string): Promise<TemplateSummary[]> =>
  sidecar()
    .json(caller, templateListSchema, { method: 'GET', path: `/templates?${new URLSearchParams({ language })}` })
    .then(({ templates }) => templates);

/** One version of a template, by default the live one. */
export const getTemplate = (caller: Caller, id: string, version?: number): Promise<Template> =>
  sidecar().json(caller, templateSchema, {
    method: 'GET',
    path: version === undefined ? path(id) : `${path(id)}?version=${version}`,
  });

/** The template that a person names by its id or by its command. Throws `not_found`. */
export async function findTemplate(caller: Caller, idOrCommand: string): Promise<Template> {
  const templates = await listTemplates(caller, 'en');
  const found =
    templates.find(({ id }) => id === idOrCommand) ?? templates.find(({ command }) => command === idOrCommand);
  // A shipped template in another language is not in the list, but can be read by its id.
  const id = found?.id ?? idOrCommand;
  if (!ID_PATTERN.test(id)) throw new RejoinError('not_found');
  return getTemplate(caller, id);
}

interface Saved {
  created: boolean;
  template: Template;
}

/** `created`: false if a template with the same id and content existed already. */
export async function createTemplate(caller: Caller, body: z.input<typeof newTemplateSchema>): Promise<Saved> {
  const answer = await sidecar().send(caller, { method: 'POST', path: '/templates', body });
  return { created: answer.status === 201, template: sidecar().parse(templateSchema, answer.body) };
}

export async function putTemplate(
  caller: Caller,
  id: string,
  { conditions, content }: { conditions: Conditions; content: z.input<typeof templateContentSchema> },
): Promise<Saved> {
  const answer = await sidecar().send(caller, {
    method: 'PUT',
    path: path(id),
    body: content,
    headers: { ...conditions },
  });
  return { created: answer.status === 201, template: sidecar().parse(templateSchema, answer.body) };
}

/** Changes a template. An administrator of this app may also publish it. */
export const patchTemplate = (
  user: User,
  id: string,
  { conditions, patch }: { conditions: Conditions; patch: TemplatePatch },
): Promise<Template> =>
  sidecar().json(user.isOperator ? { userId: user.userId, admin: true } : user, templateSchema, {
    method: 'PATCH',
    path: path(id),
    body: patch,
    headers: { ...conditions },
  });

export async function deleteTemplate(caller: Caller, id: string, conditions: Conditions = {}): Promise<void> {
  await sidecar().send(caller, { method: 'DELETE', path: path(id), headers: { ...conditions } });
}

export const previewTemplate = (caller: Caller, id: string, body: Filling): Promise<Preview> =>
  sidecar().json(caller, previewSchema, { method: 'POST', path: `${path(id)}/preview`, body });

export const exportTemplates = (caller: Caller): Promise<TemplateFile> =>
  sidecar().json(caller, templateFileSchema, { method: 'GET', path: '/templates/export' });

export const importTemplates = (caller: Caller, body: TemplateImport): Promise<ImportAnswer> =>
  sidecar().json(caller, importAnswerSchema, { method: 'POST', path: '/templates/import', body, timeoutMs: 30_000 });

/** The response with a template and its `ETag`. */
export const templateResponse = (template: Template, status = 200): Response =>
  Response.json(template, { status, headers: { etag: `"${template.etag}"` } });
