import { z } from 'zod';
import { streamStatusSchema } from '../../../../shared/stream/stream.ts';
import { watchedMember } from '../../../access/access.ts';
import { endpoint } from '../../endpoint.ts';
import { placeIn, serveEvents } from '../../events.ts';
import { streamParams } from '../../parameters.ts';

const DESCRIPTION = `With \`Accept: text/event-stream\` the response holds the stored events after \`Last-Event-ID\` (or
\`after\`), then new ones as they are written. Each event is \`data: <an AI SDK UIMessageChunk as JSON>\` followed by
\`id: <epoch>-<position>\`: the epoch names a period in which one process writes, so it changes when another process takes over, and
the position is where the event ends in the log. Treat ids as opaque. The last event is \`data: [DONE]\`. Comment lines between events keep the connection alive.

- A response that ends without \`data: [DONE]\` was cut off. Reconnect with the last id you received.
- 204 means that you already have the event \`[DONE]\`: there is nothing more to read, do not reconnect.
- \`X-Stream-Reset: 1\` means that your id is not part of the stream (any more). The response then begins at the start
  of the answer: discard the text you have.
- Shortly before the end there is an event with \`"type": "data-end"\`, whose \`data\` is an EndProof.

A turn that waits (\`status\` \`queued\`) can be followed, too. Until the turn begins, the response has only events
without an id. Each has the chunk \`{"type":"data-queue","data":{"place":1},"transient":true}\` with the place of the turn in the queue. A
new one is sent whenever the place changes.

With any other \`Accept\` the response is the text of the answer so far, followed by the rest as it is written.`;

const querySchema = z.object({
  after: z
    .string()
    .optional()
    .meta({
      description: 'The same as `Last-Event-ID`, for clients that cannot set a header. The header has precedence.',
      examples: ['12ab-2048'],
    }),
});

const headersSchema = z.looseObject({
  'last-event-id': z
    .string()
    .optional()
    .meta({
      description: 'The id of the last event you received. Without it the response begins at the start of the answer.',
      examples: ['12ab-2048'],
    }),
});

/** The events, with JSON Schema's keywords for a string that contains data of another format. */
const EVENTS = {
  contentMediaType: 'text/event-stream',
  contentSchema: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        id: {
          type: 'string',
          description: 'The id of the event. It says where the event ends in the log.',
          examples: ['12ab-2048'],
        },
        data: {
          type: 'string',
          description: 'A chunk of the answer as JSON, or `[DONE]`.',
          examples: ['{"type":"text-delta","id":"0","delta":"Hello"}'],
          contentMediaType: 'application/json',
          contentSchema: {
            type: 'object',
            properties: {
              type: { type: 'string', description: 'The type of the chunk.', examples: ['data-end'] },
              data: {
                allOf: [{ $ref: '#/components/schemas/EndProof' }],
                description: 'For `data-end`: how the answer ended, and what proves that nothing is missing.',
                examples: [
                  {
                    status: 'completed',
                    bytes: 2048,
                    sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
                  },
                ],
              },
            },
          },
        },
      },
    },
  },
};

export const followStream = endpoint({
  method: 'GET',
  path: '/streams/:streamId/events',
  operationId: 'followStream',
  summary: 'Read an answer from any position',
  description: DESCRIPTION,
  tag: 'streams',
  addsLoad: true,
  params: streamParams,
  query: querySchema,
  headers: headersSchema,
  answers: {
    200: {
      description: 'Events, or text',
      headers: {
        'X-Stream-Id': z
          .string()
          .meta({ description: 'The id of the stream.', examples: ['abcdefghijklmnopqrstuvwxyz'] }),
        'X-Stream-Status': streamStatusSchema
          .exclude(['queued', 'active'])
          .meta({ description: 'How the stream ended. Left out if it has not ended.', examples: ['completed'] }),
        'X-Stream-Reset': z.literal('1').meta({
          description:
            'The id you sent is not part of the stream: the response begins at the start of the answer instead. Discard the text you have.',
          examples: ['1'],
        }),
      },
      content: {
        'text/event-stream': z.string().meta({
          ...EVENTS,
          description: 'Server-sent events.',
          examples: ['data: {"type":"text-delta","id":"0","delta":"Hello"}\nid: 12ab-2048\n\n'],
        }),
        'text/plain': z.string().meta({ description: 'The text of the answer.', examples: ['Hello'] }),
      },
    },
    204: 'You already have everything',
  },
  errors: ['invalid_event_id', 'too_many_readers'],
  async handle({ params: { streamId }, query, caller, request, reply }, services) {
    const { access, readerLimit, manager } = services;
    const place = placeIn(request, query.after);
    const leave = readerLimit.enter({ userId: caller.userId, streamId });
    try {
      const { ownerId, member, opening } = await access.stream(
        caller,
        streamId,
        'viewer',
        async ({ ownerId, chat }) => ({
          ownerId,
          member: chat && watchedMember(chat),
          opening: await manager.open(ownerId, streamId, place.after),
        }),
      );
      return await serveEvents(
        { reply, requestId: request.id, streamId, userId: ownerId, member, opening, ...place },
        services,
      );
    } finally {
      leave();
    }
  },
});
