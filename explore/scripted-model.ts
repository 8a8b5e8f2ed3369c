import { setTimeout as delay } from 'node:timers/promises';
import type { Chunk } from '../shared/stream/fold.ts';
import type { Model } from '../sidecar/models/model.ts';

export const WORDS = 6;
const PAUSE_MS = 60;

/** The whole answer to a question. Its words are numbered, so that a lost, repeated or misplaced word is noticed. */
export const answerTo = (question: string): string =>
  Array.from({ length: WORDS }, (_, i) => `${question}.${i} `).join('');

/** The text of a question after a person has edited it. The model answers the edited question like the original one. */
export const edited = (question: string): string => `${question} (edited)`;

/**
 * Answers word by word, and goes on exactly where a partial answer ends. `onAsked` is called once for each call of the model,
 * `onWord` before each word.
 */
export const createScriptedModel = ({
  onAsked,
  onWord,
}: {
  onAsked(question: string, call: { text: string; messageIds: string[] }): void;
  onWord(question: string): void;
}): Model => ({
  servedBy: 'scripted',
  continuation: 'exact',
  async *stream({ messages, partial, signal }): AsyncGenerator<Chunk> {
    // In a room, the question begins with the label of the person who asks.
    const text = textOf(messages.at(-1)?.parts).replace(/^\[Person [^\]]*\] /, '');
    const [question = ''] = text.split(' ');
    onAsked(question, { text, messageIds: messages.map(({ id }) => id) });
    const words =
      answerTo(question)
        .slice(textOf(partial?.parts).length)
        .match(/[^ ]+ ?| /g) ?? [];
    yield { type: 'start-step' };
    yield { type: 'text-start', id: 't' };
    for (const delta of words) {
      await delay(PAUSE_MS);
      if (signal.aborted) return;
      onWord(question);
      yield { type: 'text-delta', id: 't', delta };
    }
    yield { type: 'text-end', id: 't' };
    yield { type: 'finish-step' };
    yield { type: 'finish', finishReason: 'stop' };
  },
});

const textOf = (parts: readonly { type: string; text?: unknown }[] = []): string =>
  parts.map((part) => (part.type === 'text' && typeof part.text === 'string' ? part.text : '')).join('');
