/** A person who types leaves pauses shorter than this. */
const PAUSE_MS = 150;

let lastKeyAt = -Infinity;
let isWatching = false;

/** True if somebody presses keys on this page right now. */
export function isTyping(): boolean {
  if (!isWatching) {
    isWatching = true;
    document.addEventListener('keydown', () => void (lastKeyAt = performance.now()), { capture: true, passive: true });
  }
  return performance.now() - lastKeyAt < PAUSE_MS;
}
