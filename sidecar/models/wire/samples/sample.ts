import type { StreamErrorCode } from '../../../../shared/stream/stream-errors.ts';

/** A response of a model server, as people have reported it, and how it must be read. */
export interface Sample {
  /** What is unusual about the response. */
  name: string;
  /** Default: OpenAI's protocol. */
  protocol?: 'gemini';
  /** `step` 0: the first response; 1, 2, …: the responses after tool calls. */
  reply(step: number): Reply;
  expected: Expected;
}

export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  /** Written one after the other, as separate pieces on the wire. */
  pieces: readonly (string | Uint8Array)[];
  /** `open`: the server neither ends the response nor closes the connection. */
  end?: 'reset' | 'open';
}

export interface Expected {
  /** The words of the answer: all of them, or those before the failure. */
  text: string;
  /** `null`: the answer does not fail. */
  code: StreamErrorCode | null;
  reasoning?: string;
  /** Finished tool calls, each with its input or its error. */
  tools?: ({ input: unknown } | { errorText: string })[];
  /** The answer ended at the model's length limit, and the person can continue it from there. */
  isCutOff?: boolean;
}

export const TEXT = 'Salt keeps fish for months.';
export const HALF = 'Salt keeps ';
export const REST_OF_TEXT = TEXT.slice(HALF.length);

/** An event of a stream. */
export const ev = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
/** A frame of OpenAI's protocol, with all its usual fields. */
export const o = (delta: unknown, finish: unknown = null, top: object = {}): string =>
  ev({
    id: 'chatcmpl-7',
    object: 'chat.completion.chunk',
    created: 1780000000,
    model: 'm',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    ...top,
  });
export const say = (content: string, finish: unknown = null): string => o({ content }, finish);
export const DONE = 'data: [DONE]\n\n';
export const STOP = o({}, 'stop') + DONE;
/** A successful stream with this text, in deltas of `size` characters. */
export const inPieces = (text: string, size: number): string =>
  (text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []).map((delta) => say(delta)).join('') + STOP;
/** The two halves of {@link TEXT}. */
export const BOTH = say(HALF) + say(REST_OF_TEXT);
/** A frame of Gemini's protocol. */
export const g = (parts: unknown, finishReason?: string, more: object = {}): string =>
  ev({ candidates: [{ content: { role: 'model', parts }, index: 0, finishReason }], ...more });
export const gSay = (text: string, finishReason?: string): string => g([{ text }], finishReason);
export const G_BOTH = gSay(HALF) + gSay(REST_OF_TEXT);

/** A piece of a call to the tool that the tests offer. */
export const piece = (args: unknown, more: object = {}): object => ({
  index: 0,
  type: 'function',
  function: { name: 'current_time', arguments: args },
  ...more,
});
export const OSLO = '{"place":"Oslo"}';
export const LIMA = '{"place":"Lima"}';
export const askedFor = (...places: string[]): { input: unknown }[] => places.map((place) => ({ input: { place } }));

const AFTER_TOOL = { openai: BOTH + STOP, gemini: G_BOTH + g([], 'STOP') };

export const whole: Expected = { text: TEXT, code: null };
export const failed = (code: StreamErrorCode, text = ''): Expected => ({ text, code });

type Pieces = string | readonly (string | Uint8Array)[];
const piecesOf = (body: Pieces): Reply['pieces'] => (typeof body === 'string' ? [body] : body);

export const openai = (name: string, body: Pieces, expected: Expected, more: Partial<Reply> = {}): Sample => ({
  name,
  reply: (step) => (step === 0 ? { pieces: piecesOf(body), ...more } : { pieces: [AFTER_TOOL.openai] }),
  expected,
});

export const gemini = (name: string, body: Pieces, expected: Expected, more: Partial<Reply> = {}): Sample => ({
  name,
  protocol: 'gemini',
  reply: (step) => (step === 0 ? { pieces: piecesOf(body), ...more } : { pieces: [AFTER_TOOL.gemini] }),
  expected,
});

export const json = { 'content-type': 'application/json' };
export const html = { 'content-type': 'text/html' };

export const refused = (
  name: string,
  status: number,
  body: unknown,
  code: StreamErrorCode,
  headers: Record<string, string> = json,
): Sample => openai(name, typeof body === 'string' ? body : JSON.stringify(body), failed(code), { status, headers });

export const byBytes = (text: string, size = 1): Uint8Array[] => {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
};
