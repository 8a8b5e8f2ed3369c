import type { QueuedTurn } from '../../shared/chat/chat.ts';
import { RejoinError } from '../../shared/errors.ts';
import type { User } from '~/auth/auth.server.ts';
import { actOnQueue, changeQueued, getQueued, removeQueued } from '~/sidecar-client/sidecar.server.ts';

/** What a form of the queue asks for: the value of the form's field `intent`. The forms are in `app/chat/queue`. */
export type QueueIntent =
  'queue-send' | 'queue-edit' | 'queue-remove' | 'queue-up' | 'queue-down' | 'queue-resume' | 'queue-discard';

export async function changeQueueFromForm({
  user,
  chatId,
  form,
  intent,
}: {
  user: User;
  chatId: string;
  form: FormData;
  intent: QueueIntent;
}): Promise<void> {
  const messageId = String(form.get('messageId') ?? '');
  const place = Number(form.get('place'));
  switch (intent) {
    case 'queue-send':
      return void (await actOnQueue(user, chatId, { action: 'send', messageId }));
    case 'queue-edit':
      return void (await changeQueued(user, chatId, { messageId, text: String(form.get('text') ?? '').trim() }));
    case 'queue-remove':
      return void (await removeQueued(user, chatId, messageId));
    case 'queue-up':
      return void (await changeQueued(user, chatId, { messageId, place: Math.max(1, place - 1) }));
    case 'queue-down':
      return void (await changeQueued(user, chatId, { messageId, place: place + 1 }));
    case 'queue-resume':
      return void (await actOnQueue(user, chatId, { action: 'resume' }));
    case 'queue-discard':
      return void (await actOnQueue(user, chatId, { action: 'discard' }));
  }
}

/**
 * Returns `turns`. If the text of the turn `messageId` was cut, this turn gets its whole text, so that it can be edited. If this turn
 * no longer waits, the turns are returned unchanged.
 */
export async function withWholeText(
  user: User,
  chatId: string,
  turns: readonly QueuedTurn[],
  messageId: string,
): Promise<QueuedTurn[]> {
  const isCut = turns.some((turn) => turn.messageId === messageId && turn.cut);
  const whole = isCut ? await getQueued(user, chatId, messageId).catch(unlessGone) : null;
  return turns.map((turn) => (turn.messageId === whole?.messageId ? { ...whole, place: turn.place } : turn));
}

function unlessGone(error: unknown): null {
  if (error instanceof RejoinError && (error.code === 'not_waiting' || error.code === 'not_found')) return null;
  throw error;
}
