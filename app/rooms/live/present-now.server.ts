import { createParser } from 'eventsource-parser';
import { hereSchema, type Present } from '../../../shared/rooms.ts';
import { currentExchange } from '~/process/exchange.server.ts';
import type { Caller } from '~/sidecar-client/sidecar-http.server.ts';
import { openFeed } from '~/rooms/rooms.server.ts';

/** A page is not held up for longer by this. */
const WITHIN_MS = 500;

/**
 * Who looks at the room at this moment, for a page that is opened: a page without JavaScript shows nothing else. With
 * JavaScript the feed tells it, so it is not asked for again when the data of the page is. Nobody, if it is not known in time.
 */
export async function presentNow(user: Caller, ref: string): Promise<Present[]> {
  if (isDataRequest()) return [];
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(), WITHIN_MS);
  try {
    const { body } = await openFeed(user, ref, { signal: ended.signal });
    let here: Present[] | null = null;
    const parser = createParser({
      onEvent({ event, data }) {
        if (event === 'here') here ??= hereSchema.parse(JSON.parse(data));
      },
    });
    body.setEncoding('utf8');
    for await (const text of body) {
      parser.feed(text as string);
      if (here !== null) break;
    }
    return here ?? [];
  } catch {
    return []; // the page is shown without it
  } finally {
    clearTimeout(timer);
    ended.abort();
  }
}

const isDataRequest = (): boolean => /\.data(?:\?|$)/.test(currentExchange()?.request.url ?? '');
