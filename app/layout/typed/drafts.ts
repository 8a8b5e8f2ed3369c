import { useMemo } from 'react';
import { useLayout } from '~/layout/layout-data.tsx';
import { browserStorage } from '~/ui/browser-storage.ts';

/**
 * What a person has typed and not sent. `draft`: a message, `blanks`: the values for a template, `edits`: changed questions,
 * `waiting`: changed messages that wait, `instructions`: those for a new chat.
 */
type Kind = 'draft' | 'blanks' | 'edits' | 'waiting' | 'instructions';

export interface Draft {
  read: () => string;
  /** An empty text removes the draft. */
  keep: (text: string) => void;
}

/** A typed text that the browser keeps across a reload. `place`: a chat id, or `new`. */
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

export function draftAt(key: string, maxChars: number): Draft {
  return {
    read: () => browserStorage.read(key) ?? '',
    // A text that is too long to send is not stored, because it would slow down each visit. The last shorter one stays.
    keep: (text) => text.length <= maxChars && browserStorage.write(key, text),
  };
}

/** Texts by the id of what they belong to. Each change is stored at once. */
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
