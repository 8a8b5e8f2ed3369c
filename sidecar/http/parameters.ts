import { z } from 'zod';
import { idSchema } from '../../shared/ids.ts';
import { chatRefSchema } from '../../shared/chat/rooms.ts';
import { userIdSchema } from '../../shared/token.ts';

/** Path parameters. A text that cannot be an id is refused with `not_found`, like an id that does not exist. */
export const streamParams = z.object({
  streamId: idSchema.meta({
    description: 'The id of a stream, from the response to its start.',
    examples: ['abcdefghijklmnopqrstuvwxyz'],
  }),
});
export const chatParams = z.object({
  chatId: chatRefSchema.meta({
    description: 'The id of one of your conversations, as a client chose it; or `~` and the id of a room.',
    examples: ['chat-1'],
  }),
});
export const memberParams = chatParams.extend({
  userId: userIdSchema.meta({ description: 'The user id of a person in the conversation.', examples: ['user_1'] }),
});
export const inviteParams = chatParams.extend({
  inviteId: idSchema.meta({ description: 'The id of an invitation.', examples: ['3pK9x0ZrQ1mVt2Ya'] }),
});
export const queuedParams = chatParams.extend({
  messageId: idSchema.meta({
    description: 'The id of the turn, which is the `messageId` of its start.',
    examples: ['message-2'],
  }),
});
