import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ERRORS } from '../../shared/errors.ts';
import type { Chunk } from '../../shared/stream/fold.ts';
import { replyJson } from '~/testing/fake-sidecar.ts';
import { serveApp, type ServedApp } from '~/testing/serve-app.ts';

const STATE = {
  streamId: 's1',
  chatId: 'c1',
  messageId: 'm1',
  modelId: 'demo',
  status: 'active',
  startTime: '',
  lastActivity: '',
  lastEventId: '1ab-1',
  bytes: 1,
  sha256: null,
  error: null,
  resumable: true,
};

const ROOM = `~${'a'.repeat(26)}`;

/** True if the person was removed from the room. */
let isRemoved = false;
let app: ServedApp;
/** The stream's connections at the sidecar, in the order in which they were opened. */
const opened: { response: ServerResponse; after: string | undefined }[] = [];

beforeAll(async () => {
  app = await serveApp({
    routes: async () => ({ 'chat/:chatId/live/:streamId': await import('~/routes/chat.$chatId.live.$streamId.ts') }),
    reply: ({ path, headers }, response) => {
      if (path.endsWith('/events') && !isRemoved) {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
        opened.push({ response, after: headers['last-event-id'] as string | undefined });
      } else if (path === '/streams/s1') replyJson(response, STATE);
      else if (path === '/streams/s3') replyJson(response, { ...STATE, streamId: 's3', chatId: ROOM });
      else replyJson(response, { type: 'x', title: ERRORS.not_found.title, status: 404, code: 'not_found' }, 404);
    },
  });
});
afterAll(() => app.close());

let position = 0;
const frame = (chunk: Chunk | '[DONE]') =>
  `data: ${chunk === '[DONE]' ? chunk : JSON.stringify(chunk)}\nid: 1ab-${(position += 1)}\n\n`;
const delta = (text: string): Chunk => ({ type: 'text-delta', id: '0', delta: text });

async function openFrame(path = '/chat/c1/live/s1', cookie = app.cookie) {
  const before = opened.length;
  const request = http
    .get(app.url + path, { headers: { cookie, 'accept-encoding': 'gzip' }, agent: false })
    .on('error', () => {});
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const page = { request, response, html: '', ended: false };
  response
    .setEncoding('utf8')
    .on('data', (text: string) => (page.html += text))
    .on('end', () => (page.ended = true));
  const connected = async (nth = 1) => {
    await vi.waitFor(() => expect(opened.length).toBe(before + nth), { timeout: 5_000 });
    return opened.at(-1)!;
  };
  return Object.assign(page, {
    connected,
    shows: (text: string) => vi.waitFor(() => expect(page.html).toContain(text)),
  });
}

describe('the live frame', () => {
  test('shows the text as it arrives, and at the end the rendered message instead', async () => {
    const page = await openFrame();
    const { response } = await page.connected();
    response.write(
      frame({ type: 'start', messageId: 'm1' }) + frame({ type: 'text-start', id: '0' }) + frame(delta('Some **bo')),
    );
    await page.shows('Some **bo');
    response.write(': keep-alive\n\n');
    await page.shows('<!-- -->');
    response.write(frame(delta('ld** <b>text</b>')));
    // Between the two pieces of text is only a comment, which a browser does not show. A line break would be shown in code.
    await page.shows('Some **bo<!-- -->ld** &lt;b&gt;text&lt;/b&gt;');
    expect(page.html).not.toContain('<strong>');
    response.end(frame({ type: 'text-end', id: '0' }) + frame({ type: 'finish' }) + frame('[DONE]'));
    await vi.waitFor(() => expect(page.ended).toBe(true));
    expect(page.html).toMatch(
      /#live-1\{display:none\}<\/style>.*#waiting,#bar\{display:none\}<\/style><div class="answer">.*<strong>bold<\/strong>/s,
    );
    expect(page.html).toMatch(/<a class="link" href="\/chat\/c1" target="_top">.*<\/html>$/);
  });

  test('runs no script, can be shown only in pages of this app, and is not delayed by compression', async () => {
    const page = await openFrame();
    const policy = page.response.headers['content-security-policy'] as string;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('script-src');
    expect(policy).toContain("frame-ancestors 'self'");
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1];
    await page.shows(`<style nonce="${nonce}">`);
    expect(page.response.headers['content-encoding']).toBeUndefined();
    expect(page.response.headers['content-type']).toBe('text/html; charset=utf-8');
    page.request.destroy();
  });

  test('has a form that stops the answer and then reloads only the frame', async () => {
    const page = await openFrame();
    await page.shows('<form id="bar" method="post" action="/api/stream/cancel/s1">');
    await page.shows('<input type="hidden" name="returnTo" value="/chat/c1/live/s1">');
    page.request.destroy();
  });

  test('has the chosen theme', async () => {
    const page = await openFrame('/chat/c1/live/s1', `${app.cookie}; theme=dark`);
    await page.shows('<html lang="en" dir="ltr" data-theme="dark" class="dark">');
    page.request.destroy();
  });

  test('continues after its connection to the sidecar is cut, without repeating a word', async () => {
    const page = await openFrame();
    const first = await page.connected();
    first.response.write(frame({ type: 'start', messageId: 'm1' }) + frame(delta('One ')));
    const last = position;
    await page.shows('One ');
    first.response.socket!.resetAndDestroy();
    const second = await page.connected(2);
    expect(second.after).toBe(`1ab-${last}`);
    second.response.end(frame(delta('two')) + frame('[DONE]'));
    await vi.waitFor(() => expect(page.ended).toBe(true));
    expect(page.html).toContain('<p dir="auto" class="live-text" id="plain-1">One two<style');
  });

  test('shows why an answer failed, and the text written so far', async () => {
    const page = await openFrame();
    const { response } = await page.connected();
    const chunks = [
      { type: 'start', messageId: 'm1' },
      { type: 'text-start', id: '0' },
      delta('Half'),
      { type: 'error', errorText: 'The model <failed>.' },
    ];
    response.end(chunks.map(frame).join('') + frame('[DONE]'));
    await vi.waitFor(() => expect(page.ended).toBe(true));
    expect(page.html).toMatch(/<div class="answer">.*Half.*<p role="status">The model &lt;failed&gt;\.<\/p>/s);
  });

  test('hides the text so far if the person is removed from the room, and says that they are no longer in the chat', async () => {
    const page = await openFrame(`/chat/${ROOM}/live/s3`);
    const { response } = await page.connected();
    response.write([{ type: 'start', messageId: 'm1' } as Chunk, delta('Half')].map(frame).join(''));
    await page.shows('Half');
    isRemoved = true;
    response.socket!.resetAndDestroy();
    await vi.waitFor(() => expect(page.ended).toBe(true));
    isRemoved = false;
    expect(page.html).toMatch(
      /Half.*#live-1\{display:none\}<\/style>.*<p role="status">You are no longer in this chat\..*<a class="link" href="\/" target="_top">/s,
    );
    expect(page.html).not.toContain(`href="/chat/${ROOM}"`);
  });

  test('says the same for every stream id to somebody who may not read the room', async () => {
    const [known, unknown] = [await openFrame(`/chat/${ROOM}/live/s1`), await openFrame(`/chat/${ROOM}/live/s9`)];
    await vi.waitFor(() => expect(known.ended && unknown.ended).toBe(true));
    const markup = ({ html }: { html: string }) => html.replace(/nonce="[^"]*"/g, '');
    expect(markup(known)).toBe(markup(unknown));
    expect(known.html).toContain('You are not in this chat. It was deleted, or it is not shared with you (any more).');
    expect([known, unknown].map(({ response }) => response.statusCode)).toEqual([404, 404]);
  });

  test('closes its connection to the sidecar when its reader leaves', async () => {
    const page = await openFrame();
    const { response } = await page.connected();
    page.request.destroy();
    await vi.waitFor(() => expect(response.closed).toBe(true));
  });

  test.each(['/chat/c1/live/s2', '/chat/other/live/s1'])('says that there is nothing at %s', async (path) => {
    const page = await openFrame(path);
    await vi.waitFor(() => expect(page.ended).toBe(true));
    expect(page.response.statusCode).toBe(404);
    expect(page.html).toContain(ERRORS.not_found.title);
    expect(page.html).toContain('target="_top"');
  });
});
