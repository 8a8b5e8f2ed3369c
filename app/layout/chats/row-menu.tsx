import { useEffect, useRef } from 'react';
import { popover } from '~/ui/browser/popover.ts';
import { useWords } from '~/words/words.ts';
import type { NamedChat } from './named-chat.ts';
import { ChatMenu } from './chat-menu.tsx';

interface RowMenuProps {
  chat: NamedChat;
  /** The button that opened the menu. It gets the focus back when the menu closes. */
  button: HTMLElement;
  onClose: () => void;
}

const EDGE_PX = 8;

/** The menu of a row in the list of chats. It opens below or above the button of the row. */
export function RowMenu({ chat, button, onClose }: RowMenuProps) {
  const { menu } = useWords();
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const { current } = box;
    if (!current) return;
    current.showPopover();
    place(current, button.getBoundingClientRect());
    current.querySelector<HTMLElement>('.menu-item')?.focus();
    const toggled = (event: Event) => (event as ToggleEvent).newState === 'closed' && onClose();
    current.addEventListener('toggle', toggled);
    return () => current.removeEventListener('toggle', toggled);
  }, [button, onClose]);
  const close = () => {
    // If the entry opens a dialog, the dialog will give the focus back to the element that is focused now. That must be the row's
    // button, because the menu disappears.
    button.focus();
    onClose();
  };
  return (
    <div ref={box} {...popover('row-menu')} className="menu" role="group" aria-label={menu.title} onKeyDown={moveFocus}>
      <ChatMenu chat={chat} onClose={close} />
    </div>
  );
}

function place(box: HTMLElement, beside: DOMRect): void {
  const { width, height } = box.getBoundingClientRect();
  const isRightToLeft = document.documentElement.dir === 'rtl';
  const left = isRightToLeft ? beside.right - width : beside.left;
  const top = beside.bottom + height + EDGE_PX > innerHeight ? beside.top - height : beside.bottom;
  box.style.left = `${Math.max(EDGE_PX, Math.min(left, innerWidth - width - EDGE_PX))}px`;
  box.style.top = `${Math.max(EDGE_PX, top)}px`;
}

/** Moves the focus to the next or previous entry of a menu when an arrow key is pressed. */
export function moveFocus(event: React.KeyboardEvent<HTMLElement>): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const entries = [...event.currentTarget.querySelectorAll<HTMLElement>('.menu-item')];
  const at = entries.indexOf(document.activeElement as HTMLElement);
  event.preventDefault();
  entries.at((at + (event.key === 'ArrowDown' ? 1 : -1) + entries.length) % entries.length)?.focus();
}
