import type { ActionFunctionArgs } from '@remix-run/node';
import { RejoinError } from '../../shared/errors.ts';
import type { User } from '~/auth/auth.server.ts';
import { pageAction } from '~/http/page-request.server.ts';
import { wordsFor } from '~/words/words.server.ts';
import { fill } from '~/words/words.ts';
import { contentOf, draftIn } from './draft.ts';
import { refusedForm } from './template-page.server.ts';
import { placeIn, placeQuery } from './template-place.ts';
import { createTemplate, deleteTemplate, listTemplates, patchTemplate, putTemplate } from './templates.server.ts';

/** What the forms ask for that do not contain the fields of the editor. */
const OTHER_INTENTS: ReadonlySet<string> = new Set(['delete', 'publish', 'withdraw', 'live']);

/** Handles the forms of the editor's page. `id`: `null` for a new template. */
export function editAction(args: ActionFunctionArgs, id: string | null) {
  return pageAction(args, async ({ user, form, done }) => {
    const draft = draftIn(form);
    // The etag of the version on which the draft is based. The page gets this etag back with the draft, so that a later save is refused
    // if the template has changed.
    const etag = String(form.get('etag') ?? '');
    const conditions = { 'if-match': `"${etag}"` };
    const intent = String(form.get('intent') ?? 'save');
    // The query names the chat in which the template will be used.
    const query = placeQuery(placeIn(new URL(args.request.url).searchParams));
    try {
      if (intent === 'preview') return Response.json({ draft, etag });
      const isContent = id === null || !OTHER_INTENTS.has(intent);
      if (isContent) await assertCommandIsFree(user, contentOf(draft).command, { id, request: args.request });
      if (id === null) {
        const { template } = await createTemplate(user, contentOf(draft));
        return done(`/templates/${template.id}${query}`);
      }
      switch (intent) {
        case 'delete':
          if (form.get('confirm') !== 'yes') return done(`/templates/${id}/edit?confirm=delete`);
          await deleteTemplate(user, id);
          return done('/templates');
        case 'publish':
        case 'withdraw':
          await patchTemplate(user, id, { conditions, patch: { published: intent === 'publish' } });
          return done(`/templates/${id}/edit`);
        case 'live':
          await patchTemplate(user, id, { conditions, patch: { live: Number(form.get('version')) } });
          return done(`/templates/${id}/edit`);
        default:
          await putTemplate(user, id, { conditions, content: contentOf(draft) });
          return done(`/templates/${id}${query}`);
      }
    } catch (error) {
      // Publish, withdraw, set live and delete are separate forms without the fields of the editor, so there is no draft to send
      // back.
      const typed = id === null || !OTHER_INTENTS.has(intent);
      return refusedForm(error, typed ? { draft, etag } : {});
    }
  });
}

/**
 * Throws `invalid_request` if another of the user's own templates has the same command. A template that somebody else has published,
 * or that is part of Rejoin, may have the same command. The command then names the user's own template.
 */
async function assertCommandIsFree(
  user: User,
  command: string,
  { id, request }: { id: string | null; request: Request },
): Promise<void> {
  const others = (await listTemplates(user, 'en')).filter((one) => one.origin === 'own' && one.id !== id);
  const taken = others.find((one) => one.command === command);
  if (taken === undefined) return;
  const { templates } = wordsFor(request);
  throw new RejoinError('invalid_request', { detail: fill(templates.commandTaken, { command, name: taken.name }) });
}
