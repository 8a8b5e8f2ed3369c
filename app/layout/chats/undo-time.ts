import { UNDO_ID } from './undo-notice.tsx';

/** Time in which an action can be undone. */
const UNDO_MS = 10_000;
const LOOK_MS = 1_000;
/**
 * The maximum time for which `whenUndoEnds` waits, even if a person is still at the notice. A task that waits is lost if the tab is
 * killed.
 */
const MAX_MS = 120_000;

/**
 * Calls `task` when the time for an undo is over. The time does not run while a person is at the notice (`isAtNotice`), and begins
 * anew when the person leaves the notice, because a person who reads or moves slowly needs more time. The returned function cancels
 * the call.
 */
export function whenUndoEnds(task: () => void): () => void {
  let leftMs = UNDO_MS;
  let passedMs = 0;
  const timer = setInterval(() => {
    leftMs = isAtNotice() ? UNDO_MS : leftMs - LOOK_MS;
    passedMs += LOOK_MS;
    if (leftMs > 0 && passedMs < MAX_MS) return;
    clearInterval(timer);
    task();
  }, LOOK_MS);
  return () => clearInterval(timer);
}

/**
 * True if the mouse is over the notice, or if a person has moved the focus to its button with the keyboard. Focus alone is not
 * enough: the notice focuses its button when it appears, and after a click on “Delete” the person may do something else.
 */
function isAtNotice(): boolean {
  const notice = document.getElementById(UNDO_ID);
  if (notice === null) return false;
  // On a touch screen, `:hover` stays where the last touch was.
  const isPointedAt = notice.matches(':hover') && matchMedia('(hover: hover)').matches;
  return isPointedAt || (document.hasFocus() && notice.querySelector(':focus-visible') !== null);
}
