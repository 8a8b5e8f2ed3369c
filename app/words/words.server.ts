import { de } from './de.ts';
import { en } from './en.ts';
import type { Words } from './words.ts';
import { zh } from './zh.ts';

/** All languages of the app. The first is for people whose language is not among them. */
export const LANGUAGES: readonly Words[] = [en, de, zh];

const MAX_HEADER_CHARS = 1000;

/** The words in the language of the cookie `language`. Without this cookie, the words are in a language of the browser. */
export function wordsFor(request: Pick<Request, 'headers'>): Words {
  return byTag(chosenLanguage(request)) ?? acceptable(request.headers.get('accept-language') ?? '') ?? en;
}

/** The language chosen in the settings. An empty string means: the browser's language. */
export function chosenLanguage(request: Pick<Request, 'headers'>): string {
  const chosen = /(?:^|;\s*)language=([a-z]{2,3})(?:;|$)/.exec(request.headers.get('cookie') ?? '')?.[1] ?? '';
  return byTag(chosen) ? chosen : '';
}

export const isLanguage = (tag: string): boolean => byTag(tag) !== undefined;

/** The language that the header, such as `de-AT, en;q=0.5`, prefers among those of the app. */
function acceptable(header: string): Words | undefined {
  const wanted = header
    .slice(0, MAX_HEADER_CHARS)
    .split(',')
    .map((entry) => {
      const [tag = '', ...parameters] = entry.trim().split(';');
      const quality = parameters.find((parameter) => parameter.trim().startsWith('q='));
      return { tag, quality: quality ? Number(quality.trim().slice(2)) : 1 };
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality);
  for (const { tag } of wanted) {
    const words = byTag(tag);
    if (words) return words;
  }
  return undefined;
}

const byTag = (tag: string): Words | undefined =>
  LANGUAGES.find(({ language }) => language === tag.trim().toLowerCase().split('-')[0]);
