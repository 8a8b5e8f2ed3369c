import { useEffect } from 'react';

/**
 * If a focused button disappears or is disabled, the focus is lost: the Tab key then starts at the top of the page, and
 * a screen reader is silent. This moves the focus to the field, or on a touch screen, where that would open the
 * keyboard, to the last message. In a dialog it goes to the title.
 */
export function useKeepFocus(): void {
  useEffect(() => {
    let last: Element | null = null;
    const focused = ({ target }: FocusEvent) => {
      last = target instanceof Element ? target : null;
    };
    const check = () => {
      if (!last || last === document.body) return;
      const isBack = document.activeElement !== null && document.activeElement !== document.body;
      if (isBack) return void (last = document.activeElement);
      if (last.isConnected && !last.matches(':disabled') && isVisible(last)) return;
      last = null;
      placeToGoOn()?.focus({ preventScroll: true });
    };
    // A click on the background removes the focus on purpose.
    const pressed = () =>
      setTimeout(() => document.activeElement === document.body && last?.isConnected && (last = null));
    const observer = new MutationObserver(check);
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

const isVisible = (element: Element): boolean => element.getClientRects().length > 0;

function placeToGoOn(): HTMLElement | null {
  // While a dialog is open, nothing outside it can have the focus.
  const title = document.querySelector<HTMLElement>('dialog[open] #dialog-title');
  if (title) {
    title.tabIndex = -1;
    return title;
  }
  const field = document.querySelector<HTMLElement>('#composer textarea');
  if (field && matchMedia('(pointer: fine)').matches) return field;
  const lastTurn = [...document.querySelectorAll<HTMLElement>('.turn')].at(-1);
  return (
    lastTurn?.querySelector<HTMLElement>('.outcome button, .actions button') ??
    lastTurn ??
    document.getElementById('main')
  );
}
