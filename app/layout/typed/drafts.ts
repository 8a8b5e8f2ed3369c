import { useMemo } from 'react';
import { useLayout } from '~/layout/layout-data.tsx';
import { browserStorage, tabStorage } from '~/ui/browser/browser-storage.ts';

/**
 * What a person has typed and not sent. `draft`: a message, `unsent`: submitted messages that the server has not accepted, `asked`:
 * messages that wait in the queue of a chat, `blanks`: the values for a template, `edits`: changed questions,
 * `waiting`: changed messages of the queue, `instructions`: the instructions for a new chat, `template`: the fields of a
 * template's editor.
 */
type Kind = 'draft' | 'unsent' | 'asked' | 'blanks' | 'edits' | 'waiting' | 'instructions' | 'template';

export interface Draft {
  read: () => string;
  /** An empty text removes the draft. */
  keep: (text: string) => void;
}

/** A typed text that the browser keeps across a reload. `place`: a chat id, a template id, or `new`. */
export function useDraft(kind: Kind, place: string): Draft {
  const { userId, maxRequestBytes } = useLayout();
  return useMemo(
    () => draftAt(`rejoin:${kind}:${userId}:${place}`, maxRequestBytes),
    [kind, userId, place, maxRequestBytes],
  );
}

/** The typed texts of one kind in a chat. */
export function useDrafts(kind: Kind, place: string): Drafts {
  const draft = useDraft(kind, place);
  return useMemo(() => new Drafts(draft), [draft]);
}

/**
 * The text is stored twice. One copy is for this tab, so that two tabs do not overwrite each other's texts. The other copy is for
 * tabs that are opened later: they begin with the text that was typed last in any tab.
 */
export function draftAt(key: string, maxChars: number): Draft {
  // This tab's copy is stored with `SIGN` before the text, so that an empty text differs from a text that was never stored.
  const read = () => tabStorage.read(key)?.slice(SIGN.length) ?? browserStorage.read(key) ?? '';
  return {
    read,
    keep(text) {
      // A text that is too long to send is not stored, because it would slow down each visit. The last shorter one stays.
      if (text.length > maxChars) return;
      // An empty text does not remove the copy for later tabs if another tab has changed that copy.
      const isOurs = text !== '' || browserStorage.read(key) === read();
      tabStorage.write(key, SIGN + text);
      if (isOurs) browserStorage.write(key, text);
    },
  };
}

const SIGN = '=';

/** Texts by id, for example the id of the edited message. Each change is stored at once. */
export class Drafts extends Map<string, string> {
  readonly #draft: Draft;

  constructor(draft: Draft) {
    super();
    this.#draft = draft;
    for (const [id, text] of storedTexts(draft.read())) super.set(id, text);
  }

  override set(id: string, text: string): this {
    super.set(id, text);
    this.#store();
    return this;
  }

  override delete(id: string): boolean {
    const had = super.delete(id);
    if (had) this.#store();
    return had;
  }

  override clear(): void {
    super.clear();
    this.#store();
  }

  #store(): void {
    this.#draft.keep(this.size === 0 ? '' : JSON.stringify([...this]));
  }
}

/** Entries that another version of this app has stored in another form are left out. */
function storedTexts(stored: string): [string, string][] {
  try {
    const entries: unknown = JSON.parse(stored || '[]');
    const isText = (entry: unknown) =>
      Array.isArray(entry) && entry.length === 2 && entry.every((each) => typeof each === 'string');
    return Array.isArray(entries) ? (entries.filter(isText) as [string, string][]) : [];
  } catch {
    return [];
  }
}
