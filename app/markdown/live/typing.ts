/** A person counts as typing for this long after a key press. */
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
