import { createContext, useContext } from 'react';
import type { en } from './en.ts';

/** Every word of the pages, in one language. */
export type Words = typeof en;

/** The words of the language that the server chose for this request. */
export const WordsContext = createContext<Words | null>(null);

/** The id of the element from which a browser reads the words. It is part of the HTML, so that a browser loads only one language. */
export const WORDS_ID = 'words';

export function useWords(): Words {
  const words = useContext(WordsContext);
  if (!words) throw new Error('Put WordsContext.Provider around everything that is rendered.');
  return words;
}

/** `fill('Version {number} of {count}', { number: 2, count: 3 })` → `Version 2 of 3` */
export const fill = (template: string, values: Record<string, string | number>): string =>
  template.replace(/\{(\w+)\}/g, (all, name: string) => (Object.hasOwn(values, name) ? String(values[name]) : all));

/**
 * The text for a person about a problem: either `message`, which the server wrote, or the page's own sentence for `code`.
 *
 * - In English it is `message`, because the message is more precise than the code.
 * - In other languages it is the page's own sentence, because most messages are English.
 * - For `invalid_request` it is always `message`, because the code does not tell what is wrong.
 * - For `network_error` it is always the page's own sentence, because the server has not answered.
 * - If the page has no sentence for the code, it is `message`.
 */
export function problemSentence(words: Words, { code, message }: { code: string | null; message: string }): string {
  const isOwn = code === 'network_error' || (words.language !== 'en' && code !== 'invalid_request');
  return (isOwn && own(words.errors, code)) || message;
}

/** Why an answer failed: this language's sentence for the code, otherwise the text that was stored with the answer. */
export const answerErrorSentence = (words: Words, code: string | undefined, text: string | undefined): string =>
  own(words.answerErrors, code) ?? text ?? words.thread.failed;

const own = (sentences: Partial<Record<string, string>>, code: string | null | undefined): string | undefined =>
  code && Object.hasOwn(sentences, code) ? sentences[code] : undefined;
