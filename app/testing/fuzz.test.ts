import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { RejoinError } from '../../shared/errors.ts';
import { parseEventId } from '../../shared/stream/event-id.ts';
import { createFold, type Chunk } from '../../shared/stream/fold.ts';
import { jsonDepth } from '../../shared/json-depth.ts';
import { parseJsonBody, parseRequest } from '../../shared/parse-request.ts';
import { startRequestSchema } from '../../shared/stream/stream.ts';
import { clientAddress } from '~/auth/client-address.server.ts';
import { networkOf } from '~/auth/network-of.server.ts';
import { createGuestSessions } from '~/auth/guest-session.server.ts';
import { assertSameOriginOf } from '~/auth/same-origin.server.ts';
import { describeError } from '~/http/errors/describe-error.ts';
import { forwardingHeader } from '~/http/edge/forwarding-header.server.ts';
import { isStrayDataRequest } from '~/http/edge/page-data.server.ts';
import { keptText } from '~/http/forms/kept-text.server.ts';
import { localPath } from '~/http/local-path.server.ts';
import { themeOf } from '~/http/theme.server.ts';
import { createStreamStorage } from '~/hooks/stream-storage.ts';
import { loggedPath } from '~/process/logged-path.server.ts';
import { followStream } from '~/sidecar-client/follow-stream.server.ts';
import type { SidecarEvents } from '~/sidecar-client/sidecar-http.server.ts';
import { stockChatSchema } from '~/sidecar-client/stock-chat.server.ts';

// `npm run fuzz` runs longer and uses another seed each time. A failure prints the seed.
const isLong = process.env.npm_lifecycle_event === 'fuzz';
const options = isLong ? { numRuns: 20_000 } : { numRuns: 300, seed: 20261127 };
vi.setConfig({ testTimeout: isLong ? 600_000 : 30_000 });

/** Names of properties that every object has, and pieces that parsers look for. */
const WORDS = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '\0',
  '\n',
  '\r\n',
  '%',
  '%zz',
  '//',
  '\\',
  '..',
  '.data',
  '[',
  '{',
  '"',
  ':',
  ';',
  ',',
  '=',
  '::',
  '127.0.0.1',
  '::ffff:',
  'data: ',
  'id: ',
  'for=',
  '🦀',
  '\ud800',
  '[DONE]',
  '-',
  '1ab-',
  'rejoin_guest',
  'theme=dark',
  '9'.repeat(40),
];
const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc
    .array(fc.oneof(fc.constantFrom(...WORDS), fc.string({ maxLength: 4 })), { maxLength: 40 })
    .map((pieces) => pieces.join('')),
);
/** An odd text without the characters that a header cannot contain. */
const headerValue = odd.map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, ''));
const anyJson = fc.oneof(
  fc.jsonValue(),
  fc.object({ key: fc.constantFrom(...WORDS, 'messages', 'role', 'parts', 'type', 'id', 'content') }),
);

/** Runs a parser. A thrown `RejoinError` is fine. Anything else that is thrown fails the test. */
function answers(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof RejoinError)) throw error;
  }
}
const request = (headers: Record<string, string>, path = '/') => new Request(`http://app${path}`, { headers });
const sessions = createGuestSessions({ secret: 'a secret of the fuzzer', secure: false });
const memoryStorage = (text: string) =>
  ({ getItem: () => text, setItem: () => {}, removeItem: () => {} }) as unknown as Storage;

/** Parsers of texts from outside. */
const TEXT_PARSERS: Record<string, (text: string) => unknown> = {
  'event ids': parseEventId,
  'JSON bodies': parseJsonBody,
  'JSON depth': jsonDepth,
  'return paths of forms': localPath,
  'paths for the log': loggedPath,
  'URLs of page data': (text) => isStrayDataRequest(`/${encodeURI(text.toWellFormed())}`),
  'network addresses': networkOf,
  'X-Forwarded-For': (text) =>
    clientAddress({ headers: { 'x-forwarded-for': text }, socket: { remoteAddress: '127.0.0.1' } as never }, 2),
  'names of headers': (text) => forwardingHeader({ [text]: 'x' }),
  'errors of the server': (text) =>
    describeError({ status: 500, statusText: text, internal: false, data: { title: text, detail: text } }),
  localStorage: (text) => {
    const storage = createStreamStorage(() => memoryStorage(text));
    return storage.recall({ userId: text, chatId: text });
  },
};

/** Parsers of headers. */
const HEADER_PARSERS: Record<string, (value: string) => unknown> = {
  theme: (cookie) => themeOf(request({ cookie })),
  'kept texts': (cookie) => keptText(request({ cookie }, `/?kept=${encodeURIComponent(cookie)}`), { person: 'alice' }),
  'guest cookies': (value) => sessions.read(`rejoin_guest=${value}; rejoin_guest_kept=${value}`),
  Origin: (origin) =>
    assertSameOriginOf({ method: 'POST', headers: new Headers({ origin, host: 'app' }) }, ['https://app']),
  Host: (host) =>
    assertSameOriginOf(
      { method: 'POST', headers: new Headers({ origin: 'http://app', host, 'x-forwarded-host': host }) },
      [],
    ),
};

describe('for any input, a parser returns a value or throws a RejoinError:', () => {
  test.each(Object.entries(TEXT_PARSERS))('%s', (_, parse) => {
    fc.assert(
      fc.property(odd, (text) => answers(() => parse(text))),
      options,
    );
  });

  test.each(Object.entries(HEADER_PARSERS))('%s', async (_, parse) => {
    await fc.assert(
      fc.asyncProperty(headerValue, async (value) => {
        try {
          await parse(value);
        } catch (error) {
          if (!(error instanceof RejoinError)) throw error;
        }
      }),
      options,
    );
  });

  test.each([
    ['start requests', startRequestSchema],
    ['start requests of stock clients', stockChatSchema],
  ] as const)('%s', (_, schema) => {
    fc.assert(
      fc.property(anyJson, (value) => answers(() => parseRequest(schema, parseJsonBody(JSON.stringify(value))))),
      options,
    );
  });

  test('chunks of a stream', () => {
    const chunk = fc.record(
      {
        type: fc.oneof(
          fc.constantFrom(
            'start',
            'text-start',
            'text-delta',
            'text-end',
            'tool-input-start',
            'tool-input-delta',
            'tool-output-available',
            'finish',
            'data-x',
          ),
          odd,
        ),
        id: odd,
        delta: odd,
        toolCallId: fc.constantFrom(...WORDS),
        toolName: odd,
        data: anyJson,
        messageMetadata: anyJson,
      },
      { requiredKeys: ['type'] },
    );
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 20 }), (chunks) => {
        const fold = createFold('m1');
        for (const one of chunks) fold.take(one as Chunk);
        expect(Object.getPrototypeOf({})).toBe(Object.prototype);
        JSON.stringify(fold.message);
      }),
      options,
    );
  });

  test('bytes of a stream, cut anywhere', async () => {
    const line = fc.oneof(
      odd,
      fc.constantFrom(
        'data: {"type":"text-delta","id":"0","delta":"x"}',
        'id: 1ab-9',
        '',
        ': a sign of life',
        'data: [DONE]',
        'data: {',
        'retry: 1',
      ),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 20 }), fc.integer({ min: 1, max: 9 }), async (lines, size) => {
        const bytes = Buffer.from(`${lines.join('\n')}\n\ndata: [DONE]\nid: 1ab-99\n\n`);
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        let opened = 0;
        const open = async (): Promise<SidecarEvents> => {
          if (opened++ > 0) throw new RejoinError('not_found');
          return { status: 200, body: Readable.from(pieces) as never };
        };
        try {
          for await (const chunk of followStream({ open, signal: AbortSignal.timeout(5_000), patienceMs: 0 }))
            expect(chunk).toBeTypeOf('object');
        } catch (error) {
          if (!(error instanceof RejoinError)) throw error;
        }
      }),
      { ...options, numRuns: isLong ? 500 : 30 },
    );
  });
});

const PIECES = [
  'a',
  ' ',
  '\t',
  '\n',
  '0',
  '%',
  '/',
  '\\',
  '.',
  ',',
  ';',
  '=',
  ':',
  '[',
  '{',
  '"',
  "'",
  '<',
  '-',
  '_',
  '!',
  '\0',
  'é',
  '🦀',
];
const PAIRS = PIECES.flatMap((one) => ['a', ' ', '/', ',', '=', '"', ':'].map((other) => one + other));
const BYTES = 64 * 1024;

test.each(Object.entries(TEXT_PARSERS))(
  'parsing one character or pair, repeated to 64 KiB, takes less than 50 ms of CPU time: %s',
  (_, parse) => {
    for (const piece of [...PIECES, ...PAIRS]) {
      const text = piece.repeat(BYTES / piece.length);
      const before = process.cpuUsage();
      answers(() => parse(text));
      const { user, system } = process.cpuUsage(before);
      expect([piece, (user + system) / 1000 < 50]).toEqual([piece, true]);
    }
  },
);
