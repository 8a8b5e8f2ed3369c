import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Feed } from '../feed/room-feed.ts';
import type { RoomChat } from '../store/rooms/room-store.ts';
import type { OpenOptions } from './open-responses.ts';
import type { Services } from './services.ts';

interface FeedRequest {
  request: FastifyRequest;
  reply: FastifyReply;
  chat: RoomChat;
  userId: string;
  /** The member who reads the feed; `null` for the owner of the room. */
  member: OpenOptions['member'];
  tab: string;
  /** The version of the chat that the page has read; `null`: none yet. */
  after: number | null;
}

/**
 * Responds with a feed of a room (PROTOCOL.md 5.10). Resolves when the response is closed. The server never ends the response
 * cleanly, so that the reader connects again.
 */
export async function serveFeed(
  { request, reply, chat, userId, member, tab, after }: FeedRequest,
  { feeds, responses }: Pick<Services, 'feeds' | 'responses'>,
): Promise<unknown> {
  const response = reply.raw;
  const closed = new Promise<void>((resolve) => response.once('close', resolve));
  let isBegun = false;

  function begin(): void {
    isBegun = true;
    reply.hijack();
    response.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      // A proxy that compresses or buffers the response would hold events back. These two headers forbid compression and buffering.
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      'x-request-id': request.id,
    });
    responses.add(response, { hasHeartbeat: true, isFeed: true, member });
  }

  const feed: Feed = {
    userId,
    tab,
    get hasRoom() {
      return !response.writableNeedDrain;
    },
    send(events) {
      if (response.destroyed) return;
      if (!isBegun) begin();
      response.write(events);
    },
    cut: () => void response.socket?.resetAndDestroy(),
  };
  // The page may be closed while it is being added to the room, and must then leave the room, too.
  void closed.then(() => feeds.leave(chat, feed));
  response.on('drain', () => feeds.drained(chat, feed));
  try {
    await feeds.enter(chat, feed, after);
    await closed;
  } finally {
    responses.remove(response);
  }
  return undefined;
}
