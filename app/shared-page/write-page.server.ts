import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import { problemHeaders, toProblem } from '../../shared/errors.ts';
import { createFold } from '../../shared/stream/fold.ts';
import type { SharedPage } from '../../shared/chat/shares.ts';
import type { EndProof } from '../../shared/stream/stream.ts';
import type { Message } from '../../shared/chat/messages.ts';
import { escapeHtml } from '~/markdown/html.ts';
import { createLiveMarkup } from '~/no-script/live-markup.server.ts';
import { renderMessageToHtml } from '~/no-script/render-message.server.tsx';
import { reportError } from '~/http/errors/report-error.server.ts';
import { sharedPagePolicy } from '~/http/security-headers.server.ts';
import { directBody, drained, type BodyEnd } from '~/sidecar-client/direct-body.server.ts';
import type { Followed } from '~/sidecar-client/follow-stream.server.ts';
import stylesheetUrl from '~/styles/app.css?url';
import { answerErrorSentence, problemSentence, type Words } from '~/words/words.ts';
import { colourCode } from './colour-code.ts';
import {
  DOCUMENT_END,
  documentHead,
  hide,
  messageMarkup,
  note,
  pageFoot,
  pageHead,
  titleOf,
  turnOpening,
  type PageLook,
} from './page-markup.ts';
import { SHARED_HEADERS } from './shared-page.server.ts';
import { shownChunk } from './shown-chunk.ts';

export interface WrittenPage {
  page: SharedPage;
  /** The path of the page: `/s/<secret>`. */
  path: string;
  words: Words;
  /** The chunks of the answer that is being written; `null` if none is. */
  chunks: AsyncIterable<Followed> | null;
  /** If an answer is still being written after this time, the page reloads itself, so that the reader has to authenticate again. */
  maxMs: number;
}

/**
 * The response with a public page. If an answer is being written at the end of the page, the response stays open until the answer
 * has ended. If the page cannot be completed, it reloads itself, or the connection is cut.
 */
export function sharedPageResponse(written: WrittenPage): Response {
  const nonce = newNonce();
  return new Response(
    directBody((response) => writePage(response, written, nonce)),
    { headers: headersOf(nonce) },
  );
}

/** The error page. `back`: a path to which the error page links. Set after a failed copy, to the path of the public page. */
export function sharedProblem(thrown: unknown, words: Words, back: string | null = null): Response {
  const nonce = newNonce();
  const error = reportError(thrown);
  const problem = toProblem(error);
  const { shared } = words;
  const isGone = problem.code === 'not_found';
  const text = isGone ? shared.goneText : problemSentence(words, { code: problem.code, message: problem.title });
  const title = isGone ? shared.gone : shared.pageTitle;
  const link =
    back === null || isGone ? '' : `<p><a class="link" href="${escapeHtml(back)}">${escapeHtml(shared.back)}</a></p>`;
  return new Response(
    `${documentHead({ stylesheetUrl, nonce, words }, `${title} · Rejoin`)}<h1 class="text-2xl font-semibold tracking-tight">${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>${link}${DOCUMENT_END}`,
    { status: problem.status, headers: { ...problemHeaders(error), ...headersOf(nonce) } },
  );
}

const newNonce = (): string => randomBytes(16).toString('base64');
const headersOf = (nonce: string): Record<string, string> => ({
  ...SHARED_HEADERS,
  'content-security-policy': sharedPagePolicy(nonce),
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
});

async function writePage(response: ServerResponse, written: WrittenPage, nonce: string): Promise<BodyEnd> {
  const { page, path, words, chunks, maxMs } = written;
  const render: PageLook['render'] = (message) => colourCode(renderMessageToHtml(message, words));
  const look: PageLook = { stylesheetUrl, nonce, words, render };
  const write = async (markup: string): Promise<void> => {
    if (markup !== '' && !response.destroyed) response.write(markup);
    await drained(response);
  };
  await write(documentHead(look, titleOf(page, words)) + pageHead(page, look));
  for (const [at, message] of page.messages.entries()) {
    if (response.destroyed) return 'cut';
    await write(messageMarkup(message, at + 1, look));
    // Rendering a long page must not keep other requests waiting.
    await new Promise(setImmediate);
  }
  let { tag } = page;
  if (page.stream !== null && chunks !== null) {
    const end = await writeAnswer({
      ...written,
      stream: page.stream,
      chunks,
      look,
      write,
      reloadAt: Date.now() + maxMs,
    });
    if (end === 'cut') return 'cut';
    if (end === 'reload') {
      await write(RELOAD + DOCUMENT_END);
      return 'end';
    }
    ({ tag } = page.stream);
  }
  await write(pageFoot(page, { words, path, tag, fresh: randomBytes(16).toString('base64url') }) + DOCUMENT_END);
  return 'end';
}

interface WrittenAnswer {
  page: SharedPage;
  words: Words;
  stream: NonNullable<SharedPage['stream']>;
  chunks: AsyncIterable<Followed>;
  look: PageLook;
  write(markup: string): Promise<void>;
  reloadAt: number;
}

/**
 * Writes the running answer. Returns `cut` if the page was revoked or has expired, if the reader has left, or if the answer could
 * not be followed to its end. Returns `reload` after `reloadAt`, or if the options of the page have changed.
 */
async function writeAnswer(answer: WrittenAnswer): Promise<BodyEnd | 'reload'> {
  const { page, words, stream, chunks, look, write, reloadAt } = answer;
  const { nonce } = look;
  const fold = createFold(stream.messageId);
  const live = createLiveMarkup(nonce, words);
  const head = { id: stream.messageId, role: 'assistant' as const, parts: [], createdAt: '' };
  let end: Partial<EndProof> = {};
  let isWaiting = true;
  await write(
    `${turnOpening(head, page.messages.length + 1, words)}<p id="waiting" class="text-muted" role="status">${escapeHtml(words.shared.writing)}</p>`,
  );
  try {
    for await (const chunk of chunks) {
      if (Date.now() > reloadAt) return 'reload';
      if (chunk.type === 'heartbeat') {
        await write(HEARTBEAT);
        continue;
      }
      const shown = shownChunk(chunk, page);
      if (shown === null) continue;
      if (shown.type === 'data-end') end = shown.data as Partial<EndProof>;
      fold.take(shown);
      const markup = live.take(shown);
      const begins = isWaiting && markup !== '' && shown.type !== 'start';
      if (begins) isWaiting = false;
      await write(begins ? hide(nonce, 'waiting') + markup : markup);
    }
  } catch (error) {
    const { code } = reportError(error);
    if (code === 'share_changed') {
      await write(live.end() + note(words.shared.changed));
      return 'reload';
    }
    // The page was revoked or has expired. Some browsers do not reload a page whose response was cut. Their readers see the note.
    if (code === 'not_found') {
      await write(live.end() + note(`${words.shared.gone}. ${words.shared.goneText}`) + RELOAD);
      await sleep(BEFORE_CUT_MS);
    }
    return 'cut';
  }
  // The chunks stopped before the `data-end` chunk, for example because the reader has left.
  if (end.status === undefined) return 'cut';
  await write(live.replace() + hide(nonce, 'waiting') + look.render(fold.message as Message) + outcome(end, words));
  await write('</li>\n');
  return 'end';
}

/** Sent while the answer is silent. Not a line break, because a browser would show a line break inside a code block. */
const HEARTBEAT = '<!-- -->';
/** Reloads the page. Browsers also obey this element in the body. Chromium obeys it only after the response has ended cleanly. */
const RELOAD = '<meta http-equiv="refresh" content="0">';
/** Pause between the last bytes and the cut. A cut discards bytes that are still on their way. */
const BEFORE_CUT_MS = 1000;

function outcome({ status, code }: Partial<EndProof>, words: Words): string {
  if (status === 'error') return note(answerErrorSentence(words, code, undefined));
  return status === 'cancelled' ? note(words.thread.stopped) : '';
}
