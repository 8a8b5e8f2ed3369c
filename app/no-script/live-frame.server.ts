import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { ERRORS, toProblem } from '../../shared/errors.ts';
import { createFold } from '../../shared/stream/fold.ts';
import type { Message, MessagePart } from '../../shared/chat/messages.ts';
import type { EndProof, StreamState } from '../../shared/stream/stream.ts';
import { directBody, drained, type BodyEnd } from '~/sidecar-client/direct-body.server.ts';
import type { Followed } from '~/sidecar-client/follow-stream.server.ts';
import { escapeHtml } from '~/markdown/html.ts';
import { createLiveMarkup } from './live-markup.server.ts';
import { reportError } from '~/http/errors/report-error.server.ts';
import { frameHeaders } from '~/http/security-headers.server.ts';
import type { Theme } from '~/http/theme.server.ts';
import { isRoomRef } from '~/rooms/room-ref.ts';
import { answerErrorSentence, problemSentence, type Words } from '~/words/words.ts';

export interface LiveFrame {
  state: Pick<StreamState, 'streamId' | 'chatId' | 'messageId'>;
  /** The stream's chunks. The document in the frame ends after the last chunk. */
  chunks: AsyncIterable<Followed>;
  /** Renders a whole message as safe HTML. */
  render: (message: Message) => string;
  /** Called after the whole answer was sent, to mark the chat as read. */
  onEnd: () => Promise<unknown>;
  /** True if the queue has messages that are not sent automatically, because this answer was stopped or failed. */
  isQueueHeld: () => Promise<boolean>;
  page: FramePage;
  /** After this time the frame reloads itself, and thereby authenticates again. */
  maxMs: number;
}

export interface FramePage {
  stylesheetUrl: string;
  theme: Theme;
  words: Words;
}

/**
 * The live answer for a page without JavaScript: a document in an iframe of the chat page. Its body keeps arriving while the
 * answer is being written. The page around the iframe stays usable. At the end the iframe shows the rendered answer.
 */
export function liveFrame(frame: LiveFrame): Response {
  const nonce = newNonce();
  return new Response(
    directBody((response) => writeFrame(response, frame, nonce)),
    { headers: pageHeaders(nonce) },
  );
}

/** The page that the frame shows if the stream cannot be followed. */
export function liveFrameError(thrown: unknown, chatId: string, page: FramePage): Response {
  const nonce = newNonce();
  const problem = toProblem(reportError(thrown));
  const { people } = page.words;
  // For the URL of a room, every `not_found` gets the same sentence, which does not tell whether the room or the stream exists.
  const said =
    problem.code === 'not_found' && isRoomRef(chatId)
      ? `${people.notIn}. ${people.notInText}`
      : problemSentence(page.words, { code: problem.code, message: problem.title });
  const markup = `${documentHead(page, nonce)}${TEXT_START}${note(said)}${chatLink(chatId, page)}${DOCUMENT_END}`;
  return new Response(markup, { status: problem.status, headers: pageHeaders(nonce) });
}

async function writeFrame(response: ServerResponse, frame: LiveFrame, nonce: string): Promise<BodyEnd> {
  const { state, chunks, render, page } = frame;
  const fold = createFold(state.messageId);
  const { words } = page;
  const live = createLiveMarkup(nonce, words);
  const write = async (markup: string) => {
    if (markup !== '' && !response.destroyed) response.write(markup);
    await drained(response);
  };
  const reloadAt = Date.now() + frame.maxMs;
  let end: Partial<EndProof> = {};
  await write(documentHead(page, nonce) + bar(state, words) + waiting(words));
  let isWaiting = true;
  /** True if the person may not read the room any more. */
  let isLost = false;
  try {
    for await (const chunk of chunks) {
      if (Date.now() > reloadAt) return (await write(RELOAD + DOCUMENT_END), 'end');
      if (chunk.type === 'heartbeat') {
        await write(HEARTBEAT);
        continue;
      }
      fold.take(chunk);
      if (chunk.type === 'data-end') end = chunk.data as Partial<EndProof>;
      const markup = live.take(chunk);
      const isFirst = isWaiting && fold.message.parts.some(isVisible);
      if (isFirst) isWaiting = false;
      await write(isFirst ? hide(nonce, 'waiting') + markup : markup);
    }
    const body = `<div class="answer">${render(fold.message)}</div>${outcome(fold.errorText, end, words)}`;
    await write(live.replace() + hide(nonce, 'waiting', 'bar') + body);
    // The page around the frame was loaded before the answer ended, so it does not say yet that the queue is held.
    if (end.status !== 'completed' && (await frame.isQueueHeld())) await write(note(words.thread.queue.heldNow));
    await frame.onEnd();
  } catch (error) {
    const { code } = reportError(error);
    // `not_found` in a room means that the person was removed while the frame was open. In this case the answer so far is hidden.
    isLost = code === 'not_found' && isRoomRef(state.chatId);
    const said = isLost ? words.people.goneFrame : problemSentence(words, { code, message: ERRORS[code].title });
    await write((isLost ? live.replace() : live.end()) + hide(nonce, 'waiting', 'bar') + note(said));
  }
  await write((isLost ? homeLink(page) : chatLink(state.chatId, page)) + DOCUMENT_END);
  return 'end';
}

/** An HTML comment and not a line break, because a line break would be shown inside code. */
const HEARTBEAT = '<!-- -->';
/** A browser obeys this element anywhere in a page. Because it names no URL, the browser loads the same page again. */
const RELOAD = '<meta http-equiv="refresh" content="0">';
const TEXT_START = '<main id="text"><div class="column">';
const DOCUMENT_END = '</div></main></body></html>';

const newNonce = (): string => randomBytes(16).toString('base64');
const pageHeaders = (nonce: string): Record<string, string> => ({
  ...frameHeaders(nonce),
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
});

/**
 * With `column-reverse`, the scrolling element shows the end of the growing text, until the person scrolls up. The bar has its
 * own row above this element, so that the bar covers no text.
 */
const FRAME_STYLE = `
html { height: 100%; background: transparent; }
body { display: flex; flex-direction: column; height: 100%; margin: 0; background: transparent; }
#bar { display: flex; flex: none; align-items: center; justify-content: space-between; gap: 1rem; padding: 0.4rem 1rem; border-block-end: 1px solid var(--line); }
#text { display: flex; flex: 1; flex-direction: column-reverse; min-height: 0; overflow-y: auto; }
#text > div { width: 100%; margin-block-end: auto; padding-block: 0.75rem; }
#text > div > p { margin-block-start: 0.9rem; }
div.live-text { white-space: pre-wrap; }
.answer > :is(style, .live-text):first-child + *, .answer > style:first-child + .live-text + * { margin-block-start: 0; }
`;

function documentHead({ stylesheetUrl, theme, words }: FramePage, nonce: string): string {
  const themed = theme === 'system' ? '' : ` data-theme="${theme}"${theme === 'dark' ? ' class="dark"' : ''}`;
  return `<!doctype html>
<html lang="${words.language}" dir="${words.direction}"${themed}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${theme === 'system' ? 'light dark' : theme}">
<title>${escapeHtml(words.noScript.answerTitle)}</title>
<link rel="stylesheet" href="${escapeHtml(stylesheetUrl)}">
<style nonce="${nonce}">${FRAME_STYLE}</style>
</head>
<body>
`;
}

/** Stopping reloads only this frame, so the text typed in the page around it stays. */
const bar = ({ streamId, chatId }: LiveFrame['state'], { noScript, common }: Words): string =>
  `<form id="bar" method="post" action="/api/stream/cancel/${encodeURIComponent(streamId)}">` +
  `<span class="text-muted">${escapeHtml(noScript.writing)}</span>` +
  `<input type="hidden" name="returnTo" value="${chatPath(chatId)}/live/${encodeURIComponent(streamId)}">` +
  `<button class="button">${escapeHtml(common.stop)}</button></form>`;
const waiting = ({ thread }: Words): string =>
  `${TEXT_START}<p id="waiting" class="text-muted" role="status">${escapeHtml(thread.waiting)}</p>`;
const hide = (nonce: string, ...ids: string[]): string =>
  `<style nonce="${nonce}">${ids.map((id) => `#${id}`).join(',')}{display:none}</style>`;
const note = (text: string): string => `<p role="status">${escapeHtml(text)}</p>`;
const link = (path: string, text: string): string =>
  `<p><a class="link" href="${path}" target="_top">${escapeHtml(text)}</a></p>`;
const chatLink = (chatId: string, { words }: FramePage): string => link(chatPath(chatId), words.noScript.goOn);
const homeLink = ({ words }: FramePage): string => link('/', words.pages.home);
const chatPath = (chatId: string): string => `/chat/${encodeURIComponent(chatId)}`;

/** A note if the answer failed or was stopped. */
function outcome(errorText: string | null, { status, code }: Partial<EndProof>, words: Words): string {
  if (errorText !== null || status === 'error') return note(answerErrorSentence(words, code, errorText ?? undefined));
  return status === 'cancelled' ? note(words.thread.stopped) : '';
}

const isVisible = ({ type, text }: MessagePart): boolean =>
  type !== 'step-start' && !type.startsWith('data-') && text !== '';
