import { createHash } from 'node:crypto';
import { RejoinError } from '../../shared/errors.ts';
import type { User } from '~/auth/auth.server.ts';
import { wordsFor } from '~/words/words.server.ts';
import { say } from './rooms.server.ts';

/**
 * Adds the text of the composer's form to the chat as a message, without asking the model. The message's id is derived from the text
 * and from the field `fresh`, a random value that is new each time the page is rendered. So a form that is sent twice adds one
 * message. Without the field `parentId`, the message follows the newest message of the chat.
 */
export async function sayFromForm(
  { user, chatId, request }: { user: User; chatId: string; request: Request },
  form: FormData,
): Promise<void> {
  const text = String(form.get('text') ?? '').trim();
  if (text === '') throw new RejoinError('invalid_request', { detail: wordsFor(request).composer.empty });
  const messageId = createHash('sha256')
    .update(['say', form.get('fresh'), text].join('\n'))
    .digest('base64url')
    .slice(0, 22);
  const parentId = String(form.get('parentId') ?? '');
  await say(user, chatId, { messageId, text, ...(parentId === '' ? {} : { parentId }) });
}
