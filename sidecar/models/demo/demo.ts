import { setTimeout as sleep } from 'node:timers/promises';
import type { Chunk } from '../../../shared/stream/fold.ts';
import { messageText } from '../../../shared/chat/message-text.ts';
import type { Message } from '../../../shared/chat/messages.ts';
import { CURRENT_TIME, currentTime, type CurrentTime } from './current-time.ts';
import { demoScript } from './demo-script.ts';
import type { Model, ModelRequest } from '../model.ts';

export interface DemoOptions {
  /** 1: normal speed, about thirty words per second. 2: twice as fast. */
  speed: number;
  /** The clock for the tool `current_time`. */
  now: () => Date;
}

/**
 * The model that answers if no other model is configured. Its texts are written in advance. The same conversation gets the same
 * answer (apart from the time of day), so a partial answer is continued where its text ends. A tool whose result is
 * already in the partial answer is not run again.
 */
export function createDemoModel(options: DemoOptions): Model {
  return { servedBy: 'demo', continuation: 'exact', stream: (request) => answer(options, request) };
}

const REASONING_ID = 'reasoning-0';
const TEXT_ID = 'text-0';

async function* answer({ speed, now }: DemoOptions, request: ModelRequest): AsyncGenerator<Chunk, void, void> {
  const { messages, partial, signal } = request;
  const script = demoScript(messages);
  const said = partial ? messageText(partial) : '';
  let time = partial ? toolResult(partial) : null;
  const pace = createPace({ speed, signal });

  yield { type: 'start-step' };
  if (said === '' && !time) {
    yield { type: 'reasoning-start', id: REASONING_ID };
    for (const delta of pieces(script.thoughts)) {
      if (await pace.isAbortedBefore(delta)) return;
      yield { type: 'reasoning-delta', id: REASONING_ID, delta };
    }
    yield { type: 'reasoning-end', id: REASONING_ID };

    if (script.place !== null) {
      const input = { place: script.place };
      const toolCallId = `demo-${messages.at(-1)?.id ?? ''}`;
      time = currentTime(input, now());
      yield { type: 'tool-input-start', toolCallId, toolName: CURRENT_TIME };
      yield { type: 'tool-input-delta', toolCallId, inputTextDelta: JSON.stringify(input) };
      yield { type: 'tool-input-available', toolCallId, toolName: CURRENT_TIME, input };
      if (await pace.isAbortedBefore('\n\n')) return;
      yield { type: 'tool-output-available', toolCallId, output: time };
      yield { type: 'finish-step' };
      yield { type: 'start-step' };
    }
  }

  const text = rest(script.text(time), said);
  if (text !== '') yield { type: 'text-start', id: TEXT_ID };
  for (const delta of pieces(text)) {
    if (await pace.isAbortedBefore(delta)) return;
    yield { type: 'text-delta', id: TEXT_ID, delta };
  }
  if (text !== '') yield { type: 'text-end', id: TEXT_ID };
  yield { type: 'finish-step' };
  yield { type: 'finish', finishReason: 'stop' };
}

function toolResult(partial: Message): CurrentTime | null {
  const part = partial.parts.find(({ type, state }) => type === `tool-${CURRENT_TIME}` && state === 'output-available');
  return part ? (part.output as CurrentTime) : null; // only `currentTime` makes such results
}

/** The part of `text` that has not been said. If another model wrote the partial answer, this is a new paragraph with the whole `text`. */
const rest = (text: string, said: string): string => (text.startsWith(said) ? text.slice(said.length) : `\n\n${text}`);

/** Divides a text into pieces: a word with the space before it, or one or two Chinese, Japanese or Korean characters. */
export function pieces(text: string): string[] {
  const words: string[] = [];
  let space = '';
  for (const word of text.match(WORD_OR_SPACE) ?? []) {
    if (word.trim() === '') space = word;
    else {
      words.push(space + word);
      space = '';
    }
  }
  return space === '' ? words : [...words, space];
}

const UNSPACED = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}';
const WORD_OR_SPACE = new RegExp(`\\s+|[${UNSPACED}]{1,2}|[^\\s${UNSPACED}]+`, 'gu');

/** Delay in ms before a piece: 25 to 40, and more before a new paragraph and before the last word of a sentence. */
export const pauseMs = (piece: string, index: number): number =>
  25 + ((index * 7) % 16) + (piece.startsWith('\n\n') ? 120 : 0) + (/[.:!?]$/.test(piece) ? 60 : 0);

function createPace({ speed, signal }: { speed: number; signal: AbortSignal }) {
  let count = 0;
  let owedMs = 0;
  return {
    /** Waits before a piece. True if the request is aborted. */
    async isAbortedBefore(piece: string): Promise<boolean> {
      owedMs += pauseMs(piece, count++) / speed;
      if (owedMs >= 1) {
        await sleep(owedMs, undefined, { signal }).catch(() => {}); // rejects only after an abort, which is checked below
        owedMs = 0;
      }
      return signal.aborted;
    },
  };
}
