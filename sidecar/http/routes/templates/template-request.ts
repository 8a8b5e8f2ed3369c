import { z } from 'zod';
import { RejoinError } from '../../../../shared/errors.ts';
import { idSchema } from '../../../../shared/ids.ts';
import type { Template } from '../../../../shared/templates/template.ts';
import type { Condition } from '../../../store/templates/template-store.ts';
import type { TemplateEditor } from '../../../templates/templates.ts';
import type { Caller } from '../../auth.ts';

export const templateParams = z.object({
  templateId: idSchema.meta({ description: 'The id of a template.', examples: ['review'] }),
});

export const conditionHeaders = z.looseObject({
  'if-match': z
    .string()
    .max(1000)
    .optional()
    .meta({
      description:
        'The `ETag` of the template as you read it. If the template has changed since, the request fails with `template_changed`. `*`: the state of the template does not matter.',
      examples: ['"0f8b2c1e-5d0e-4c7a-9a55-0a3f6f1f2d11"'],
    }),
});

export const etagHeader = {
  ETag: z.string().meta({
    description: 'Identifies the state of the template.',
    examples: ['"0f8b2c1e-5d0e-4c7a-9a55-0a3f6f1f2d11"'],
  }),
};

export const etagOf = ({ etag }: Template): Record<string, string> => ({ etag: `"${etag}"` });

/** The condition in `If-Match`; `undefined` without this header. Tags that the sidecar cannot have made are left out. */
export function conditionIn(ifMatch: string | undefined): Condition | undefined {
  if (ifMatch === undefined) return undefined;
  if (ifMatch.trim() === '*') return 'any';
  return ifMatch
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, '').replaceAll('"', ''))
    .filter((tag) => /^[\w-]{1,64}$/.test(tag));
}

/** The condition in `If-Match`. Throws `precondition_required` without this header. */
export function requireCondition(ifMatch: string | undefined): Condition {
  const condition = conditionIn(ifMatch);
  if (condition !== undefined) return condition;
  throw new RejoinError('precondition_required', {
    detail: 'Send "If-Match" with the "ETag" of the template that you read, so that nobody’s change is lost.',
  });
}

export const editorOf = ({ userId, address, isAdmin }: Caller): TemplateEditor => ({ userId, address, isAdmin });
