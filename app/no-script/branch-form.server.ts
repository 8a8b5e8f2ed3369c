import { createHash } from 'node:crypto';
import type { User } from '~/auth/auth.server.ts';
import { forkChat } from '~/sidecar-client/sidecar.server.ts';
import { forkRequestSchema } from '../../shared/chat/forks.ts';
import { parseRequest } from '../../shared/parse-request.ts';

/**
 * Makes a fork: a new chat that begins with the messages of `chatId` up to the message that the form names. Returns the id of the new
 * chat. The field `fresh` has a random value, new each time the page is made. The id of the fork depends on this value, so a form that
 * is sent twice makes only one fork.
 */
export async function branchFromForm(user: User, chatId: string, form: FormData): Promise<string> {
  const [fresh, messageId, at] = ['fresh', 'messageId', 'at'].map((name) => form.get(name));
  const forkId = createHash('sha256')
    .update(['branch', fresh, messageId, at].join('\n'))
    .digest('base64url')
    .slice(0, 22);
  const answer = await forkChat(user, chatId, parseRequest(forkRequestSchema, { forkId, messageId, at }));
  return answer.chatId;
}
