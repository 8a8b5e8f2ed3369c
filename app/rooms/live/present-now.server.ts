import { createParser } from 'eventsource-parser';
import { hereSchema, type Present } from '../../../shared/chat/rooms.ts';
import { currentExchange } from '~/process/exchange.server.ts';
import type { Caller } from '~/sidecar-client/sidecar-http.server.ts';
import { openFeed } from '~/rooms/rooms.server.ts';

/** A page waits at most this long for the list of people. */
const WITHIN_MS = 500;

/**
 * The people who look at the room when a page is rendered. Empty for a data request of Remix, because a page with JavaScript
 * gets the list from the feed. Also empty if the sidecar fails or answers too late.
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
    return []; // the page is shown without the list
  } finally {
    clearTimeout(timer);
    ended.abort();
  }
}

const isDataRequest = (): boolean => /\.data(?:\?|$)/.test(currentExchange()?.request.url ?? '');
