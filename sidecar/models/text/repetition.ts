/**
 * Detects a model that repeats itself endlessly: the last {@link WINDOW_CHARS} characters of the text consist only of repetitions
 * of a piece of at most {@link MAX_PERIOD_CHARS} characters. A table of zeros or the refrain of a song is far shorter.
 */
export function createRepetitionGuard(): { isRunaway(delta: string): boolean } {
  let tail = '';
  let unchecked = 0;
  return {
    /** Takes the next piece of text; true once the model only repeats itself. */
    isRunaway(delta) {
      tail += delta;
      unchecked += delta.length;
      if (unchecked < CHECK_EVERY_CHARS || tail.length < WINDOW_CHARS) return false;
      unchecked = 0;
      tail = tail.slice(-WINDOW_CHARS);
      return isPeriodic(tail);
    },
  };
}

const WINDOW_CHARS = 24 * 1024;
const MAX_PERIOD_CHARS = 1024;
const CHECK_EVERY_CHARS = 4096;
const PROBE_CHARS = 48;

/** In a periodic text, the last characters also occur one period earlier. */
function isPeriodic(text: string): boolean {
  const probe = text.slice(-PROBE_CHARS);
  const at = text.lastIndexOf(probe, text.length - PROBE_CHARS - 1);
  const period = text.length - PROBE_CHARS - at;
  return at !== -1 && period <= MAX_PERIOD_CHARS && text.endsWith(text.slice(0, text.length - period));
}
