import { createHash } from 'node:crypto';
import { ERRORS, RejoinError, toProblem } from '../../shared/errors.ts';
import { ID_PATTERN } from '../../shared/ids.ts';
import { chatRefSchema } from '../../shared/chat/rooms.ts';
import type { TemplateUse } from '../../shared/templates/filling.ts';
import type { User } from '~/auth/auth.server.ts';
import { problemText } from '~/hooks/stream-error.ts';
import { startStream } from '~/sidecar-client/sidecar.server.ts';
import { newId } from '~/ui/new-id.ts';
import { placeQuery, type TemplatePlace } from './template-place.ts';
import { listTemplates } from './templates.server.ts';

/** Why a form about a template was refused. */
export interface TemplateProblem {
  code: string;
  message: string;
  issues: { path: string; message: string }[];
}

function templateProblem(error: RejoinError): TemplateProblem {
  const { issues = [] } = toProblem(error);
  return { code: error.code, message: problemText(toProblem(error)), issues };
}

/**
 * Answers a refused form with the problem and with what was typed, so that the page can show both. Throws `not_found`,
 * `unauthorized` and unknown errors again.
 */
export function refusedForm(error: unknown, typed: object): Response {
  if (!(error instanceof RejoinError) || error.code === 'not_found' || error.code === 'unauthorized') throw error;
  const { status } = ERRORS[error.code];
  return Response.json({ problem: templateProblem(error), ...typed }, { status });
}

/**
 * Starts the answer that the form of a template asks for, and returns the path of the answer's chat. `fresh` is a random id that the
 * form contains. A new chat gets this id, and the answer's id is derived from it. So a form that is sent twice starts one answer.
 */
export async function startFromTemplate(
  user: User,
  {
    fresh,
    chatId,
    temporary,
    instructions,
    template,
  }: { fresh: string; instructions?: string; template: TemplateUse } & TemplatePlace,
): Promise<string> {
  const begins = ID_PATTERN.test(fresh) ? fresh : newId();
  const chat = chatRefSchema.safeParse(chatId).data ?? begins;
  const messageId = createHash('sha256')
    .update(JSON.stringify([begins, template.id, template.values]))
    .digest('base64url')
    .slice(0, 22);
  // If an answer is being written in the chat, this question waits in the queue of the chat.
  const more = {
    whenBusy: 'queue' as const,
    ...(temporary ? { temporary } : {}),
    ...(instructions ? { instructions } : {}),
  };
  await startStream(user, { chatId: chat, messageId, template, ...more });
  return `/chat/${encodeURIComponent(chat)}#latest`;
}

const COMMAND = /^\/([a-z0-9-]*)$/;

/**
 * Returns the path of a page for a text from the composer's form. For "/" it is the page of all templates; for the command of a
 * template it is that template's page; for any other text it is `null`. Without JavaScript, these pages replace the composer's list
 * of templates.
 */
export async function templatePath(
  { user, language }: { user: User; language: string },
  text: string,
  place: TemplatePlace,
): Promise<string | null> {
  const command = COMMAND.exec(text.trim())?.[1];
  if (command === undefined) return null;
  const query = placeQuery(place);
  if (command === '') return `/templates${query}`;
  const found = (await listTemplates(user, language)).find((template) => template.command === command);
  return found ? `/templates/${found.id}${query}` : null;
}
