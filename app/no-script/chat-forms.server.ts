import { createHash } from 'node:crypto';
import type { User } from '~/auth/auth.server.ts';
import { findMessage } from '~/sidecar-client/find-message.server.ts';
import { models, startStream } from '~/sidecar-client/sidecar.server.ts';
import { changeQueueFromForm, type QueueIntent } from './queue-forms.server.ts';
import { RejoinError } from '../../shared/errors.ts';
import type { StoredMessage } from '../../shared/chat/messages.ts';
import { wordsFor } from '~/words/words.server.ts';

/** What a form of a chat page asks for: the value of the field `intent`. The forms are in `app/chat`. */
type Intent = 'send' | 'edit' | 'regenerate' | 'continue' | QueueIntent;

/**
 * Does what a form of a chat page asks for: starts an answer or changes the queue. If the page's script runs, it calls the API
 * instead of sending the form.
 *
 * The field `fresh` has a random value, new each time the page is made. The message id depends on this value and on the text, so a
 * form that is sent twice with the same text starts only one answer.
 */
export async function startFromForm(
  { user, chatId, request }: { user: User; chatId: string; request: Request },
  form: FormData,
): Promise<void> {
  const { common, composer } = wordsFor(request);
  const field = (name: string) => String(form.get(name) ?? '');
  const intent = field('intent') as Intent;
  const text = field('text').trim() || field('prompt').trim();
  const messageId = createHash('sha256')
    .update([field('fresh'), intent, field('messageId'), text].join('\n'))
    .digest('base64url')
    .slice(0, 22);
  const modelId = field('modelId') || (await models(user)).defaultModelId;
  const start = (question: Partial<StoredMessage>, more: { parentId?: string | null; continueFrom?: string } = {}) =>
    startStream(user, { chatId, messageId, modelId, messages: [asQuestion(question)], ...more });

  switch (intent) {
    case 'send': {
      if (text === '') throw new RejoinError('invalid_request', { detail: composer.empty });
      const parentId = await knownParent(user, chatId, field('parentId'));
      const instructions = field('instructions').trim();
      await startStream(user, {
        chatId,
        messageId,
        modelId,
        messages: [{ role: 'user', parts: [{ type: 'text', text }] }],
        // Without a parent, the question goes to the end of the chat. With a parent, the question is refused if another question
        // already follows the parent. After a refusal, the page is shown again with the new messages and the typed text.
        ...(parentId ? { parentId, atEnd: true } : {}),
        // While an answer is being written, the question waits if it has no parent or if the form has `whenBusy`. Otherwise the
        // question is refused.
        ...(parentId === null || field('whenBusy') === 'queue' ? { whenBusy: 'queue' as const } : {}),
        ...(instructions ? { instructions } : {}),
        ...(field('temporary') === '1' ? { temporary: true } : {}),
      });
      return;
    }
    case 'edit': {
      if (text === '') throw new RejoinError('invalid_request', { detail: composer.empty });
      const { message } = await find(user, chatId, field('messageId'));
      await start({ parts: [{ type: 'text', text }] }, { parentId: message.parentId });
      return;
    }
    case 'regenerate':
      await start((await find(user, chatId, field('messageId'))).question);
      return;
    case 'continue': {
      const { message, question } = await find(user, chatId, field('messageId'));
      await start(question, { continueFrom: message.id });
      return;
    }
    case 'queue-send':
    case 'queue-edit':
    case 'queue-remove':
    case 'queue-up':
    case 'queue-down':
    case 'queue-resume':
    case 'queue-discard':
      return changeQueueFromForm({ user, chatId, form, intent });
    default:
      intent satisfies never;
      throw new RejoinError('invalid_request', { detail: common.invalidForm });
  }
}

/**
 * Returns `parentId`, the id of the message that the question follows, or `null` if this message is not stored. The page may name
 * an answer that was still being written when the page was made. Until this answer is stored, the question is sent without a parent.
 */
async function knownParent(user: User, chatId: string, parentId: string): Promise<string | null> {
  if (parentId === '') return null;
  return (await findMessage(user, chatId, parentId)) === null ? null : parentId;
}

/** Finds a message and its question: for an answer, the message that was answered; for a user's message, this message itself. */
async function find(user: User, chatId: string, messageId: string) {
  const found = await findMessage(user, chatId, messageId);
  if (found === null) throw new RejoinError('not_found');
  const { message } = found;
  if (message.role === 'user') return { message, question: message };
  const question = message.parentId === null ? null : await findMessage(user, chatId, message.parentId);
  if (question === null) throw new RejoinError('not_found');
  return { message, question: question.message };
}

const asQuestion = ({ id, parts = [] }: Partial<StoredMessage>) => ({
  ...(id ? { id } : {}),
  role: 'user' as const,
  parts,
});
