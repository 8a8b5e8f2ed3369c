import { gzipSync } from 'node:zlib';
import {
  BOTH,
  byBytes,
  DONE,
  ev,
  failed,
  HALF,
  json,
  o,
  openai,
  REST_OF_TEXT,
  say,
  STOP,
  TEXT,
  whole,
  type Sample,
} from './sample.ts';

const SIGNS = 'Één 漢字 👩‍🚀 ok.';
const signs = { text: SIGNS, code: null };
const CONTROL = 'Line\u2028, para\u2029, nul \u0000, bell \u0007, cr \r, next \u0085, bom \ufeff, tab \t.';
const FAMILY = '👨‍👩‍👧‍👦';
const GIANT = Array.from({ length: 100_000 }, (_, at) => `word${at} `).join('');
const zipped = gzipSync(BOTH + STOP);
const unspaced = (text: string): string => text.replaceAll('data: ', 'data:');

/** Answers whose bytes arrive in an unusual form: divided, escaped, cut or padded. */
export const BYTES: readonly Sample[] = [
  openai('no space after the colon', unspaced(BOTH + STOP), whole),
  openai('CR LF, one byte at a time', byBytes((say(SIGNS) + STOP).replaceAll('\n', '\r\n')), signs),
  openai('CR alone', (BOTH + STOP).replaceAll('\n', '\r'), whole),
  openai('a byte order mark, one byte at a time', byBytes(`\ufeff${say(SIGNS)}${STOP}`), signs),
  openai('line ends before the first event', `\n\r\n\n${BOTH}${STOP}`, whole),
  openai('no line end after the last event', (BOTH + o({}, 'stop')).trimEnd(), whole),
  openai('no line end after [DONE]', (BOTH + STOP).trimEnd(), whole),
  openai('no empty line between events', (BOTH + STOP).replaceAll('\n\n', '\n'), whole),
  openai(
    'an event in two data lines',
    `data: {"choices":[{"delta":\ndata: {"content":${JSON.stringify(TEXT)}}}]}\n\n${STOP}`,
    whole,
  ),
  openai('spaces before the field name', ` ${say(HALF)} ${say(REST_OF_TEXT)}` + STOP, whole),
  openai(
    'escaped non-ASCII characters',
    ev({ choices: [{ delta: { content: SIGNS } }] }).replaceAll(
      /[^\0-\x7f]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ) + STOP,
    signs,
  ),
  openai('one character split over two frames (a surrogate pair)', say('A fox: \ud83e') + say('\udd8a runs.') + STOP, {
    text: 'A fox: 🦊 runs.',
    code: null,
  }),
  openai('half of a surrogate pair, and other text after it', say('Half: \ud83e') + say(' and on.') + STOP, {
    text: 'Half: \ufffd and on.',
    code: null,
  }),
  openai('half of a surrogate pair at the very end', say('Half: \ud83e') + STOP, { text: 'Half: \ufffd', code: null }),
  openai(
    'bytes that are not UTF-8',
    [
      say('Half: '),
      Buffer.concat([
        Buffer.from('data: {"choices":[{"delta":{"content":"'),
        Buffer.from([0xff, 0xc3]),
        Buffer.from(' on."}}]}\n\n'),
      ]),
      STOP,
    ],
    { text: 'Half: \ufffd\ufffd on.', code: null },
  ),
  openai('control characters, some of which end lines in other formats', say(CONTROL) + STOP, {
    text: CONTROL,
    code: null,
  }),
  openai('an emoji of several code points, one byte at a time', byBytes(say(FAMILY) + STOP), {
    text: FAMILY,
    code: null,
  }),
  openai('one frame of a megabyte', byBytes(say(GIANT) + STOP, 16_000), { text: GIANT, code: null }),
  openai('the answer in one piece', [BOTH + STOP], whole),
  openai('frames divided into pieces of 70 bytes', byBytes(BOTH + STOP, 70), whole),
  openai('gzip', [zipped], whole, { headers: { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' } }),
  openai('gzip that is cut', [zipped.subarray(0, zipped.length - 30)], failed('connection_lost', HALF), {
    headers: { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' },
  }),
  openai('a body that is not gzip, although its header says so', BOTH + STOP, whole, {
    headers: { 'content-encoding': 'gzip' },
  }),
  openai(
    'a last frame that is cut in the middle',
    `${say(HALF)}data: {"choices":[{"delta":{"content":"fi`,
    failed('connection_lost', HALF),
  ),
  openai(
    'a frame that is not JSON, between others',
    `${say(HALF)}data: {"choices":[{"delta":{"content":"fi}\n\n${STOP}`,
    failed('not_understood', HALF),
  ),
  openai(
    'a Python dictionary in place of JSON',
    `data: {'choices': [{'delta': {'content': 'x'}, 'finish_reason': None}]}\n\n${STOP}`,
    failed('not_understood'),
  ),
  openai(
    'NaN in a frame',
    `data: {"choices":[{"index":0,"delta":{"content":${JSON.stringify(TEXT)}},"logprobs":NaN,"finish_reason":null}]}\n\n${STOP}`,
    whole,
  ),
  openai(
    'a JSON document that is cut',
    JSON.stringify({ choices: [{ message: { content: TEXT }, finish_reason: 'stop' }] }).slice(0, -20),
    failed('connection_lost'),
    { headers: json },
  ),
  openai(
    'a whole JSON document with empty lines after it',
    `${JSON.stringify({ choices: [{ message: { content: TEXT }, finish_reason: 'stop' }] })}\n\n`,
    whole,
    { headers: json },
  ),
  openai(
    'a JSON list with one item per line',
    `[${JSON.stringify({ choices: [{ delta: { content: HALF } }] })},\n${JSON.stringify({ choices: [{ delta: { content: REST_OF_TEXT }, finish_reason: 'stop' }] })}]`,
    whole,
    { headers: json },
  ),
  openai(
    'padding that hides the length of tokens',
    o({ content: HALF }, null, { obfuscation: 'aB3x' }) +
      o({ content: REST_OF_TEXT }, null, { p: 'abcdefgh' }) +
      o({}, 'stop') +
      DONE,
    whole,
  ),
];
