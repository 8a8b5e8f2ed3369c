import { useSyncExternalStore } from 'react';

interface Sentence {
  id: number;
  text: string;
  atMs: number;
}

/** Sentences that come within this time stay on the page together. A screen reader could miss one that is replaced sooner. */
const TOGETHER_MS = 500;
/** The last sentences are removed after this time, so that nobody finds an old one in the page. */
const KEPT_MS = 10_000;

const NONE: readonly Sentence[] = [];
let sentences = NONE;
let count = 0;
let forgetting: ReturnType<typeof setTimeout>;
const listeners = new Set<() => void>();

/** Makes a screen reader say these sentences when it has finished what it is saying. */
export function announce(...texts: string[]): void {
  if (texts.length === 0) return;
  const atMs = Date.now();
  const recent = sentences.filter((sentence) => atMs - sentence.atMs < TOGETHER_MS);
  show([...recent, ...texts.map((text) => ({ id: (count += 1), text, atMs }))]);
  clearTimeout(forgetting);
  forgetting = setTimeout(() => show(NONE), KEPT_MS);
}

function show(next: readonly Sentence[]): void {
  sentences = next;
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

/** Contains what `announce` says, for screen readers only. Render it outside of the pages, so that a navigation cuts off no sentence. */
export function Announcer() {
  const shown = useSyncExternalStore(
    subscribe,
    () => sentences,
    () => NONE,
  );
  return (
    // Each sentence is an element of its own, so a sentence that comes twice is said twice. With `aria-atomic="false"`, a screen
    // reader says only what is new.
    <p className="sr-only" role="status" aria-atomic="false">
      {shown.map(({ id, text }) => (
        <span key={id}>{text} </span>
      ))}
    </p>
  );
}
