import { beginsAnotherAnswer, OPENING_CHARS } from './opening.ts';
import { createOverlapTrimmer } from './overlap.ts';

/**
 * A model was asked to continue a partial answer. This object takes the model's text, and returns the text to append to the
 * partial answer:
 *
 * - a repetition of the end of the partial answer is left out ({@link createOverlapTrimmer});
 * - if the partial answer ends with white space, the same white space is removed from the beginning of the text. A model may
 *   write this white space again, because the request does not contain it (see prompt.ts);
 * - if the text begins another answer, none of it is returned.
 */
export interface ContinuedText {
  /** The text to show now; often empty at first. `null`: the model has begun another answer. */
  take(delta: string): string | null;
  /** The text that is still held back at the end. `null`: the model has begun another answer. */
  flush(): string | null;
}

export function createContinuedText(before: string): ContinuedText {
  const trimmed = before.trimEnd();
  const spaces = before.slice(trimmed.length);
  const overlap = createOverlapTrimmer(trimmed);
  let held = '';
  let isDecided = false;
  /**
   * White space before the first word; `null` after that word has come. The trimmer does not get this white space, because
   * a model may add or leave out empty lines before text that it repeats.
   */
  let lead: string | null = '';

  function decide(): string | null {
    isDecided = true;
    if (!overlap.hasTrimmed && beginsAnotherAnswer(before, held)) return null;
    const text = held.slice(held.length - held.trimStart().length);
    const given = held.slice(0, held.length - text.length);
    return (spaces.startsWith(given) ? '' : given.slice(given.startsWith(spaces) ? spaces.length : 0)) + text;
  }

  /** Adds to `held` what the trimmer returns. White space before a repetition is dropped with the repetition. */
  function hold(trim: () => string): void {
    const hadTrimmed = overlap.hasTrimmed;
    const text = trim();
    if (overlap.hasTrimmed && !hadTrimmed) held = '';
    held += text;
  }

  return {
    take(delta) {
      if (lead !== null) {
        lead += delta;
        delta = lead.trimStart();
        if (delta === '') return '';
        held = lead.slice(0, lead.length - delta.length);
        lead = null;
      }
      if (isDecided) return overlap.take(delta);
      hold(() => overlap.take(delta));
      return held.trimStart().length < OPENING_CHARS ? '' : decide();
    },
    flush() {
      held += lead ?? '';
      if (isDecided) return overlap.flush();
      hold(overlap.flush);
      return decide();
    },
  };
}
