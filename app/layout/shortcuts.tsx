import { useEffect } from 'react';
import { Icon } from '~/ui/icon.tsx';
import { closesPopover, popover, SHORTCUTS_ID, SIDEBAR_ID, togglePopover } from './popover.ts';

const SHORTCUTS = [
  ['Enter', 'Send'],
  ['Shift + Enter', 'New line'],
  ['Esc', 'Stop the answer'],
  ['Ctrl or ⌘ + K', 'Search the chats'],
  ['?', 'Show these'],
] as const;

/** The list of shortcuts, and those that work anywhere on the page. Esc belongs to the chat that it stops. */
export function Shortcuts() {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        searchChats();
      } else if (event.key === '?' && !event.ctrlKey && !event.metaKey && !isTyping(event.target)) {
        event.preventDefault();
        togglePopover(SHORTCUTS_ID);
      }
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, []);

  return (
    <div {...popover(SHORTCUTS_ID)} className="dialog" role="dialog" aria-labelledby="shortcuts-title">
      <div className="mb-3 flex items-center justify-between">
        <h2 id="shortcuts-title" className="font-semibold">
          Keyboard shortcuts
        </h2>
        <button type="button" className="icon-button" aria-label="Close" {...closesPopover(SHORTCUTS_ID)}>
          <Icon name="close" />
        </button>
      </div>
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 text-sm">
        {SHORTCUTS.map(([keys, what]) => (
          <div key={keys} className="contents">
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function searchChats(): void {
  const search = document.getElementById('search');
  const sidebar = document.getElementById(SIDEBAR_ID);
  // On a small screen the sidebar is a drawer that has to be opened first.
  if (sidebar && getComputedStyle(sidebar).display === 'none') sidebar.showPopover();
  search?.focus();
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
