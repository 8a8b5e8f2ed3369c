import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { ERRORS, toProblem } from '../../shared/errors.ts';
import { createFold } from '../../shared/fold.ts';
import type { Message } from '../../shared/messages.ts';
import type { StreamState } from '../../shared/stream.ts';
import { directBody, drained, type BodyEnd } from '~/sidecar-client/direct-body.server.ts';
import type { Followed } from '~/sidecar-client/follow-stream.server.ts';
import { escapeHtml } from '~/markdown/html.ts';
import { createLiveMarkup } from './live-markup.server.ts';
import { reportError } from '~/http/report-error.server.ts';
import { frameHeaders } from '~/http/security-headers.server.ts';
import type { Theme } from '~/http/theme.server.ts';

export interface LiveFrame {
  state: Pick<StreamState, 'streamId' | 'chatId' | 'messageId'>;
  /** The stream's chunks. The frame ends when they end. */
  chunks: AsyncIterable<Followed>;
  /** Renders a whole message as safe HTML. */
  render: (message: Message) => string;
  /** Called when the whole answer is shown: the person has seen it. */
  onEnd: () => Promise<unknown>;
  page: FramePage;
  /** After this time the frame reloads itself, and thereby authenticates again. */
  maxMs: number;
}

/** What all pages of the frame share. */
export interface FramePage {
  stylesheetUrl: string;
  theme: Theme;
}

/**
 * The live answer for a page without JavaScript: a document in a frame of the chat page. Its body keeps arriving while the
 * answer is being written. The page around it stays usable, and at the end the frame shows the rendered answer.
 */
export function liveFrame(frame: LiveFrame): Response {
  const nonce = newNonce();
  return new Response(
    directBody((response) => writeFrame(response, frame, nonce)),
    { headers: pageHeaders(nonce) },
  );
}

/** The frame's page if there is nothing to follow. */
export function liveFrameError(thrown: unknown, chatId: string, page: FramePage): Response {
  const nonce = newNonce();
  const problem = toProblem(reportError(thrown));
  const markup = `${documentHead(page, nonce)}${note(problem.title)}${chatLink(chatId)}${DOCUMENT_END}`;
  return new Response(markup, { status: problem.status, headers: pageHeaders(nonce) });
}

async function writeFrame(response: ServerResponse, frame: LiveFrame, nonce: string): Promise<BodyEnd> {
  const { state, chunks, render, page } = frame;
  const fold = createFold(state.messageId);
  const live = createLiveMarkup(nonce);
  const write = async (markup: string) => {
    if (markup !== '' && !response.destroyed) response.write(markup);
    await drained(response);
  };
  const reloadAt = Date.now() + frame.maxMs;
  await write(documentHead(page, nonce) + stopForm(state));
  try {
    for await (const chunk of chunks) {
      if (Date.now() > reloadAt) return (await write(RELOAD + DOCUMENT_END), 'end');
      if (chunk.type !== 'heartbeat') fold.take(chunk);
      await write(chunk.type === 'heartbeat' ? HEARTBEAT : live.take(chunk));
    }
    const error = fold.errorText === null ? '' : note(fold.errorText);
    await write(live.replace() + hideStop(nonce) + `<div class="answer">${render(fold.message)}</div>${error}`);
    await frame.onEnd();
  } catch (error) {
    // What was written stays, and the page explains as much as it can.
    await write(hideStop(nonce) + note(ERRORS[reportError(error).code].title));
  }
  await write(chatLink(state.chatId) + DOCUMENT_END);
  return 'end';
}

const HEARTBEAT = '<!-- -->\n';
/** A refresh may be anywhere in a page. Without an address it reloads the same one. */
const RELOAD = '<meta http-equiv="refresh" content="0">';
const DOCUMENT_END = '</main></body></html>';

const newNonce = (): string => randomBytes(16).toString('base64');
const pageHeaders = (nonce: string): Record<string, string> => ({
  ...frameHeaders(nonce),
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
});

/** A reversed column keeps its end in view while it grows, and stays where the person has scrolled to. */
const FRAME_STYLE = `
html, body { height: 100%; margin: 0; background: transparent; }
body { display: flex; flex-direction: column-reverse; overflow-y: auto; }
main { width: 100%; margin-bottom: auto; padding-block: 0.75rem; }
main > p { margin-block-start: 0.9rem; }
.live-text { white-space: pre-wrap; }
.answer > .live-text:first-child + style + * { margin-block-start: 0; }
#stop { position: sticky; top: 0.25rem; float: inline-end; margin-inline-start: 1rem; }
`;

function documentHead({ stylesheetUrl, theme }: FramePage, nonce: string): string {
  const themed = theme === 'system' ? '' : ` data-theme="${theme}"${theme === 'dark' ? ' class="dark"' : ''}`;
  return `<!doctype html>
<html lang="en"${themed}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${theme === 'system' ? 'light dark' : theme}">
<title>The answer</title>
<link rel="stylesheet" href="${escapeHtml(stylesheetUrl)}">
<style nonce="${nonce}">${FRAME_STYLE}</style>
</head>
<body><main class="column">
`;
}

const stopForm = ({ streamId, chatId }: LiveFrame['state']): string =>
  `<form id="stop" method="post" action="/api/stream/cancel/${encodeURIComponent(streamId)}" target="_top">` +
  `<input type="hidden" name="returnTo" value="${chatPath(chatId)}"><button class="button">Stop</button></form>`;
const hideStop = (nonce: string): string => `<style nonce="${nonce}">#stop{display:none}</style>`;
const note = (text: string): string => `<p role="status">${escapeHtml(text)}</p>`;
const chatLink = (chatId: string): string =>
  `<p><a class="link" href="${chatPath(chatId)}" target="_top">Go on with the chat</a></p>`;
const chatPath = (chatId: string): string => `/chat/${encodeURIComponent(chatId)}`;
