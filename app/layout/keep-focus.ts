import { useEffect } from 'react';
import { hasTouchKeyboard } from '~/ui/browser/enter-key.ts';

/** The `fieldset` around the button that had the focus, and the index of that button among the buttons of the `fieldset`. */
interface Group {
  box: Element;
  at: number;
}

/**
 * If a focused button or link disappears or is disabled, the focus is lost: the Tab key then starts at the top of the page, and a screen
 * reader is silent. This hook moves the focus to the first of these that exists:
 * - the title of an open dialog,
 * - the same link elsewhere on the page,
 * - the next button of the same group,
 * - the composer's field, unless that would open a keyboard on the screen,
 * - the last message.
 */
export function useKeepFocus(): void {
  useEffect(() => {
    let last: Element | null = null;
    let group: Group | null = null;
    let isWaiting = false;
    const focused = ({ target }: FocusEvent) => {
      last = target instanceof Element ? target : null;
      const box = last?.closest('fieldset') ?? null;
      group = box && { box, at: buttonsIn(box).indexOf(last as HTMLElement) };
    };
    const check = () => {
      isWaiting = false;
      if (!last || last === document.body) return;
      const isBack = document.activeElement !== null && document.activeElement !== document.body;
      if (isBack) return void (last = document.activeElement);
      if (last.isConnected && !last.matches(':disabled') && isVisible(last)) return;
      const next = placeToGoOn(last, group);
      last = null;
      next?.focus({ preventScroll: true });
    };
    // A closed dialog gives the focus back by itself, but possibly later than this callback runs. So `check` runs in a later task.
    const changed = () => {
      if (!isWaiting) setTimeout(check);
      isWaiting = true;
    };
    // A click on the background removes the focus on purpose.
    const pressed = () =>
      setTimeout(() => document.activeElement === document.body && last?.isConnected && (last = null));
    const observer = new MutationObserver(changed);
    observer.observe(document.body, {
      childList: true,
      subtree: true,
      attributes: true,
      attributeFilter: ['disabled', 'hidden', 'open'],
    });
    document.addEventListener('focusin', focused);
    document.addEventListener('pointerdown', pressed);
    return () => {
      observer.disconnect();
      document.removeEventListener('focusin', focused);
      document.removeEventListener('pointerdown', pressed);
    };
  }, []);
}

const isVisible = (element: Element): boolean =>
  element.getClientRects().length > 0 && getComputedStyle(element).visibility === 'visible';

/** A visible link with the URL of the lost link. For example, when a chat is pinned, its link moves to another list. */
function sameElsewhere(lost: Element): HTMLElement | null {
  const href = lost.getAttribute('href');
  if (href === null) return null;
  const same = [...document.querySelectorAll<HTMLElement>(`a[href="${CSS.escape(href)}"]`)];
  return same.find((link) => link.className === lost.className && isVisible(link)) ?? null;
}

const buttonsIn = (box: Element): HTMLElement[] =>
  [...box.querySelectorAll<HTMLElement>('button:enabled, summary')].filter(isVisible);

/** The button that is now at the place of the lost button, otherwise the last button of the group. `null` if there is no button. */
function nextIn({ box, at }: Group): HTMLElement | null {
  const buttons = buttonsIn(box);
  return at === -1 ? null : (buttons[at] ?? buttons.at(-1) ?? null);
}

function placeToGoOn(lost: Element, group: Group | null): HTMLElement | null {
  // While a dialog is open, nothing outside it can have the focus.
  const title = document.querySelector<HTMLElement>('dialog[open] #dialog-title');
  if (title) {
    title.tabIndex = -1;
    return title;
  }
  const near = sameElsewhere(lost) ?? (group && nextIn(group));
  if (near) return near;
  const field = document.querySelector<HTMLElement>('#composer textarea');
  if (field && !hasTouchKeyboard()) return field;
  const lastTurn = [...document.querySelectorAll<HTMLElement>('.turn')].at(-1);
  return (
    lastTurn?.querySelector<HTMLElement>('.outcome button, .actions button') ??
    lastTurn ??
    document.getElementById('main')
  );
}
