import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { feedQuerySchema } from '../../../../shared/chat/rooms.ts';
import { watchedMember } from '../../../access/access.ts';
import { endpoint } from '../../endpoint.ts';
import { serveFeed } from '../../feed-response.ts';
import { chatParams } from '../../parameters.ts';

const DESCRIPTION = `Server-sent events for a page that shows a room:

- \`change\`: the conversation has changed. The data is \`{v, what, by}\`. \`v\` is the new version of the conversation, and also the
  id of the event. \`what\` says what has changed, and \`by\` who changed it. The event does not contain the change itself: get the
  conversation again.
- \`here\`: everybody who has the room open, as a list of \`{userId, name, role, typing}\`. The event is sent when the feed begins,
  and whenever the list changes.

A person counts as present while a feed of theirs is open. Several changes within a tenth of a second come as one event. If the
request has a \`Last-Event-ID\` (or \`after\`) that is not the current version, the feed begins with a \`change\` whose \`what\` is
\`all\`. A feed never ends by itself: when it is cut, connect again with the last id.`;

const headersSchema = z.looseObject({
  'last-event-id': z
    .string()
    .optional()
    .meta({ description: 'The id of the last event you received.', examples: ['12'] }),
});

export const followRoom = endpoint({
  method: 'GET',
  path: '/chats/:chatId/events',
  operationId: 'followRoom',
  summary: 'Follow the changes in a room, and see who is there',
  description: DESCRIPTION,
  tag: 'rooms',
  addsLoad: true,
  params: chatParams,
  query: feedQuerySchema,
  headers: headersSchema,
  answers: {
    200: {
      description: 'Events',
      content: {
        'text/event-stream': z.string().meta({
          description: 'Server-sent events.',
          examples: ['event: change\ndata: {"v":12,"what":"turn","by":"user_1"}\nid: 12\n\n'],
        }),
      },
    },
  },
  errors: ['too_many_readers'],
  async handle({ params, query, headers, caller, request, reply }, services) {
    const { access, feeds } = services;
    const found = await access.chat(caller, params.chatId, 'viewer');
    const chat = { ownerId: found.ownerId, chatId: found.chatId };
    const member = watchedMember(found);
    const leave = feeds.admit(chat, caller.userId);
    try {
      const tab = query.tab ?? randomUUID().slice(0, 8);
      const after = versionIn(headers['last-event-id'] || query.after);
      return await serveFeed({ request, reply, chat, userId: caller.userId, member, tab, after }, services);
    } finally {
      leave();
    }
  },
});

/**
 * Returns `null` if no version was sent, and -1 if the text is not a version. -1 differs from every version, so the feed tells the
 * page to load the chat again.
 */
const versionIn = (text: string | undefined): number | null =>
  text === undefined || text === '' ? null : /^\d{1,15}$/.test(text) ? Number(text) : -1;
