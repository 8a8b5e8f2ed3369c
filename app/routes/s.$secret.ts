import { redirect, type LoaderFunctionArgs } from '@remix-run/node';
import { readerOf } from '~/auth/auth.server.ts';
import { problemResponse } from '~/http/errors/problem-response.server.ts';
import { config } from '~/process/config.server.ts';
import { clientSignal } from '~/process/exchange.server.ts';
import { followStream } from '~/sidecar-client/follow-stream.server.ts';
import { openShared, openSharedEvents, SHARED_HEADERS, sharedAddress } from '~/shared-page/shared-page.server.ts';
import { sharedAsJson, sharedAsMarkdown } from '~/shared-page/shared-text.ts';
import { sharedPageResponse, sharedProblem } from '~/shared-page/write-page.server.ts';
import { wordsFor } from '~/words/words.server.ts';

/**
 * Pause before a stream that was cut is opened again. If the public page was revoked, its stream is cut, and the reader is told
 * only when the stream cannot be opened again. So the pause is short.
 */
const RETRY_MS = 100;

/**
 * `GET /s/:secret`: a public page. It has no script and sets no cookies. `/s/:secret.md`, `/s/:secret.json` and `?format=` return the
 * same content as Markdown or JSON. Remix does not render the page, because the response begins while an answer on the page is still
 * being written.
 */
export async function loader(args: LoaderFunctionArgs): Promise<Response> {
  const { request } = args;
  const words = wordsFor(request);
  const signal = clientSignal();
  let format = 'html';
  try {
    const address = sharedAddress(args);
    const { secret } = address;
    ({ format } = address);
    const reader = await readerOf(args);
    if (reader === null) return toSignIn(request);
    const page = await openShared(reader, secret, { counts: isOpened(request) });
    if (request.method === 'HEAD')
      return new Response(null, { headers: { ...SHARED_HEADERS, 'content-type': TYPES[address.format] } });
    if (address.format !== 'html') {
      const text = address.format === 'md' ? sharedAsMarkdown(page, words) : sharedAsJson(page);
      return new Response(text, { headers: { ...SHARED_HEADERS, 'content-type': TYPES[address.format] } });
    }
    const { stream } = page;
    const chunks =
      stream &&
      followStream({
        open: (options) =>
          openSharedEvents(reader, { secret, streamId: stream.streamId, settings: stream.settings }, options),
        signal,
        retryMs: RETRY_MS,
      });
    const { clerk, shares, readerMaxMs } = config();
    const maxMs = clerk && shares === 'members' ? readerMaxMs : Number.POSITIVE_INFINITY;
    return sharedPageResponse({ page, path: `/s/${secret}`, words, chunks, maxMs });
  } catch (error) {
    if (error instanceof Response) throw error;
    if (format === 'html') return sharedProblem(error, words);
    const problem = problemResponse(error);
    for (const [name, value] of Object.entries(SHARED_HEADERS)) problem.headers.set(name, value);
    return problem;
  }
}

const TYPES = {
  html: 'text/html; charset=utf-8',
  md: 'text/markdown; charset=utf-8',
  json: 'application/json; charset=utf-8',
} as const;

/** True if a person opens the page, which then counts as a read. False for `HEAD` and for a page that a browser prefetches. */
function isOpened({ method, headers }: Request): boolean {
  const purpose = headers.get('sec-purpose') ?? headers.get('purpose') ?? '';
  return method === 'GET' && !purpose.includes('prefetch');
}

function toSignIn(request: Request): Response {
  const { pathname, search } = new URL(request.url);
  const query = new URLSearchParams({ redirect_url: pathname + search });
  return redirect(`/sign-in?${query}`, { headers: SHARED_HEADERS });
}
