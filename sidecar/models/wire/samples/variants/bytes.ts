import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import {
  BOTH,
  byBytes,
  DONE,
  ev,
  failed,
  HALF,
  json,
  openai,
  REST_OF_TEXT,
  say,
  STOP,
  TEXT,
  whole,
  type Sample,
} from '../sample.ts';

const sse = { 'content-type': 'text/event-stream' };
const encoded = (encoding: string, body: string | Uint8Array): Sample =>
  openai(`the encoding is ${encoding || 'empty'}`, [body], whole, {
    headers: { ...sse, 'content-encoding': encoding },
  });
const lines = (...all: unknown[]): string => all.map((line) => `${JSON.stringify(line)}\n`).join('');
const half = { choices: [{ delta: { content: HALF } }] };
const rest = { choices: [{ delta: { content: REST_OF_TEXT }, finish_reason: 'stop' }] };

/** More unusual bytes: encodings, wrong lengths, and JSON outside of events. */
export const MORE_BYTES: readonly Sample[] = [
  encoded('x-gzip', gzipSync(BOTH + STOP)),
  encoded('GZIP', gzipSync(BOTH + STOP)),
  encoded('deflate', deflateSync(BOTH + STOP)),
  openai('deflate without its header', [deflateRawSync(BOTH + STOP)], whole, {
    headers: { ...sse, 'content-encoding': 'deflate' },
  }),
  openai('Brotli, which was not asked for', [brotliCompressSync(BOTH + STOP)], failed('not_understood'), {
    headers: { ...sse, 'content-encoding': 'br' },
  }),
  openai('Zstandard, which was not asked for', [zstdCompressSync(BOTH + STOP)], failed('not_understood'), {
    headers: { ...sse, 'content-encoding': 'zstd' },
  }),
  encoded('identity', BOTH + STOP),
  encoded('', BOTH + STOP),
  encoded('none', BOTH + STOP),
  encoded('utf-8', BOTH + STOP),
  encoded('chunked', BOTH + STOP),
  encoded('identity, identity', BOTH + STOP),
  encoded('gzip, identity', gzipSync(BOTH + STOP)),
  encoded('gzip, gzip', gzipSync(gzipSync(BOTH + STOP))),
  openai(
    'gzip, each event compressed on its own',
    [say(HALF), say(REST_OF_TEXT), STOP].map((event) => gzipSync(event)),
    whole,
    { headers: { ...sse, 'content-encoding': 'gzip' } },
  ),
  openai(
    'gzip, one byte at a time',
    [...gzipSync(BOTH + STOP)].map((byte) => Uint8Array.of(byte)),
    whole,
    { headers: { ...sse, 'content-encoding': 'gzip' } },
  ),
  openai(
    'an error in gzip',
    [gzipSync(JSON.stringify({ error: { message: 'x', code: 'invalid_api_key' } }))],
    failed('key_refused'),
    { status: 401, headers: { ...json, 'content-encoding': 'gzip' } },
  ),
  openai('a content-length that is too large', say(HALF), failed('connection_lost', HALF), {
    headers: { ...sse, 'content-length': '100000' },
    end: 'reset',
  }),
  openai('a content-length that is too large, and [DONE] has come', BOTH + STOP, whole, {
    headers: { ...sse, 'content-length': '100000' },
    end: 'reset',
  }),
  openai('a content-length that is too small', BOTH + STOP, failed('connection_lost', HALF), {
    headers: { ...sse, 'content-length': String(say(HALF).length + 5) },
  }),
  openai(
    'one event divided into many data lines',
    `${JSON.stringify(half, null, 2)
      .split('\n')
      .map((line) => `data: ${line}\n`)
      .join('')}\n${ev(rest)}`,
    whole,
  ),
  openai(
    'JSON documents of many lines each, without events',
    `${JSON.stringify(half, null, 2)}\n${JSON.stringify(rest, null, 2)}\n`,
    whole,
    { headers: json },
  ),
  openai(
    'JSON documents with nothing between them, without events',
    JSON.stringify(half) + JSON.stringify(rest),
    whole,
    {
      headers: json,
    },
  ),
  openai(
    'one JSON document per line, with CR LF and empty lines between',
    lines(half, rest).replaceAll('\n', '\r\n\r\n'),
    whole,
    { headers: json },
  ),
  openai('one JSON document in a line, then one in an event', `${JSON.stringify(half)}\n${ev(rest)}`, whole),
  openai(
    'one JSON document per line, then [DONE]',
    `${lines(half, { choices: [{ delta: { content: REST_OF_TEXT } }] })}[DONE]\n`,
    whole,
    { headers: json },
  ),
  openai(
    'one JSON document per line, and the last is cut',
    lines(half, rest).slice(0, -20),
    failed('connection_lost', HALF),
    {
      headers: json,
    },
  ),
  openai(
    'JSON documents after record separators (json-seq)',
    [half, rest].map((item) => `\u001e${JSON.stringify(item)}\n`).join(''),
    whole,
    {
      headers: { 'content-type': 'application/json-seq' },
    },
  ),
  openai('a JSON list, one byte at a time', byBytes(JSON.stringify([half, rest], null, 1)), whole, {
    headers: json,
  }),
  openai('a JSON list in one event', ev([half, rest]), whole),
  openai('a JSON list that has a reason but never closes', JSON.stringify([half, rest]).slice(0, -1), whole, {
    headers: json,
  }),
  openai(
    'a byte order mark before each event',
    [say(HALF), say(REST_OF_TEXT), STOP].map((event) => `\ufeff${event}`).join(''),
    whole,
  ),
  openai(
    'a byte order mark before JSON',
    `\ufeff${JSON.stringify({ choices: [{ message: { content: TEXT }, finish_reason: 'stop' }] })}`,
    whole,
    { headers: json },
  ),
  openai('the field name Data with a capital letter', (BOTH + STOP).replaceAll('data:', 'Data:'), whole),
  openai('a space before the colon', (BOTH + STOP).replaceAll('data:', 'data :'), whole),
  openai('tabs after the colon', (BOTH + STOP).replaceAll('data: ', 'data:\t'), whole),
  openai('the field name twice', (BOTH + STOP).replaceAll('data: ', 'data: data: '), whole),
  openai(
    'CR LF in some lines',
    say(HALF).replaceAll('\n', '\r\n') + say(REST_OF_TEXT).replaceAll('\n', '\r') + STOP,
    whole,
  ),
  openai(
    'CR and LF in different pieces',
    [say(HALF).replace('\n\n', '\r'), '\n\r', '\n', say(REST_OF_TEXT), STOP],
    whole,
  ),
  openai(
    'invalid ids, event names and retry times',
    `id: \u0000\nretry: soon\nevent:\nfoo: bar\nbaz\n${BOTH}${STOP}`,
    whole,
  ),
  openai('NUL between events', `${say(HALF)}\u0000\n\n${say(REST_OF_TEXT)}${STOP}`, whole),
  openai('a comment of a megabyte', `:${' '.repeat(1_000_000)}\n\n${BOTH}${STOP}`, whole),
  openai('an event of white space', `${say(HALF)}data:    \n\ndata: \t\n\n${say(REST_OF_TEXT)}${STOP}`, whole),
  openai(
    'an unescaped control character in JSON',
    `data: {"choices":[{"delta":{"content":"Salt\tkeeps"}}]}\n\n${STOP}`,
    { text: 'Salt\tkeeps', code: null },
  ),
  openai(
    'a comma before a closing bracket',
    `data: {"choices":[{"delta":{"content":"Salt"},}],}\n\n${STOP}`,
    failed('not_understood'),
  ),
  openai('two documents in one event', `data: ${JSON.stringify(half)}${JSON.stringify(rest)}\n\n${DONE}`, whole),
  openai(
    'escapes of every kind',
    `data: {"choices":[{"delta":{"content":"\\u0053alt \\ud83e\\uDD8A \\/ \\\\n \\""}}]}\n\n${STOP}`,
    { text: 'Salt 🦊 / \\n "', code: null },
  ),
  openai('a word of 60 kB', say('\u6f22'.repeat(20_000)) + STOP, { text: '\u6f22'.repeat(20_000), code: null }),
  ...['data: [DONE]', '[DONE]', ' [DONE]'].map((end) =>
    openai(`the last frame and "${end}" in one line`, say(HALF) + say(REST_OF_TEXT).trimEnd() + end + '\n\n', whole),
  ),
  openai('[ DONE ]', `${say(TEXT)}data: [ DONE ]\n\n`, whole),
  openai(
    'line ends that were not escaped, and a line that says Done',
    [`${say(HALF)}data: {"choices":[{"delta":{"content":"Salt\nDone\n`, `keeps"}}]}\n\n${STOP}`],
    failed('not_understood', HALF),
  ),
];
