import { z } from 'zod';
import { sharedEventsRequestSchema } from '../../../../shared/chat/shares.ts';
import { endpoint } from '../../endpoint.ts';
import { placeIn, serveEvents } from '../../events.ts';

const headersSchema = z.looseObject({
  'last-event-id': z
    .string()
    .optional()
    .meta({
      description: 'The id of the last event you received. Without it the response begins at the start of the answer.',
      examples: ['12ab-2048'],
    }),
});

export const followShare = endpoint({
  method: 'POST',
  path: '/shared/events',
  operationId: 'followShare',
  summary: 'Follow the answer that is being written on a live page',
  description:
    'For the app. Like `GET /streams/{streamId}/events`: the events are those of the answer itself, so the app must not show the parts that ' +
    'the page hides. The response is cut when the page is revoked or expires. A new request then fails with `not_found`. It is also cut when ' +
    'the options, the title or the path of the page change. A new request with the old `settings` then fails with `share_changed`.',
  tag: 'shares',
  addsLoad: true,
  headers: headersSchema,
  body: sharedEventsRequestSchema,
  answers: {
    200: {
      description: 'Events',
      content: {
        'text/event-stream': z.string().meta({
          description: 'Server-sent events.',
          examples: ['data: {"type":"text-delta","id":"0","delta":"Hello"}\nid: 12ab-2048\n\n'],
        }),
      },
    },
    204: 'You already have everything',
  },
  errors: ['not_found', 'invalid_event_id', 'share_changed', 'too_many_readers'],
  async handle({ body: { secret, streamId, settings }, caller, request, reply }, services) {
    const { shareReading, shareReaders, readerLimit, manager } = services;
    const place = placeIn(request, undefined);
    const share = await shareReading.live(secret, streamId, settings);
    // The readers of a page are counted under the id of the page. If they were counted under the id of the stream, there might be
    // no room left for readers in the chat.
    const leaveLimit = readerLimit.enter({ userId: caller.userId, streamId: `share ${share.shareId}` });
    const leave = shareReaders.enter(share, reply.raw);
    try {
      // Between the first check and `enter`, the page may have been revoked or changed. So the page is checked again.
      await shareReading.live(secret, streamId, settings);
      const opening = await manager.open(share.ownerId, streamId, place.after);
      return await serveEvents(
        { reply, requestId: request.id, streamId, userId: share.ownerId, member: null, opening, ...place },
        services,
      );
    } finally {
      leave();
      leaveLimit();
    }
  },
});
