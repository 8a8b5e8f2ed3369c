import { useNavigate } from '@remix-run/react';
import { useEffect } from 'react';
import { useTouchKeyboard } from '~/ui/browser/enter-key.ts';
import { Icon } from '~/ui/icon.tsx';
import { SIDEBAR_ID } from '~/ui/browser/popover.ts';
import { useWords } from '~/words/words.ts';
import { hideSidebar } from './sidebar/sidebar-visibility.ts';

/**
 * The dialog that lists all shortcuts, and the handler of some of them: `?`, and the shortcuts with Ctrl or ⌘ and a letter. The
 * others, for example Esc, are handled in `app/chat`.
 */
export function Shortcuts() {
  const { shortcuts, common, templates } = useWords();
  const navigate = useNavigate();
  const isTouch = useTouchKeyboard();
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const run = shortcutOf(event);
      if (!run) return;
      event.preventDefault();
      run(() => void navigate('/'));
    };
    document.addEventListener('keydown', pressed);
    return () => document.removeEventListener('keydown', pressed);
  }, [navigate]);

  const keys: [keys: string, what: string][] = [
    [isTouch ? `Ctrl ${shortcuts.or} ⌘ + Enter` : 'Enter', shortcuts.send],
    [isTouch ? 'Enter' : 'Shift + Enter', shortcuts.newLine],
    ['Esc', shortcuts.stop],
    [`Ctrl ${shortcuts.or} ⌘ + K`, shortcuts.search],
    [`Ctrl ${shortcuts.or} ⌘ + Shift + O`, shortcuts.newChat],
    [`Ctrl ${shortcuts.or} ⌘ + Shift + C`, shortcuts.copyAnswer],
    [`↑ ${shortcuts.or} Ctrl ${shortcuts.or} ⌘ + Shift + E`, shortcuts.editQuestion],
    [`Ctrl ${shortcuts.or} ⌘ + Shift + S`, shortcuts.sidebar],
    ['/', templates.title],
    ['?', shortcuts.help],
  ];
  return (
    <dialog {...CLOSED_BY_ANY} id={SHORTCUTS_ID} className="dialog" aria-labelledby="shortcuts-title">
      <div className="mb-3 flex items-center justify-between">
        <h2 id="shortcuts-title" className="font-semibold">
          {shortcuts.title}
        </h2>
        <button type="button" className="icon-button" aria-label={common.close} onClick={toggleShortcuts}>
          <Icon name="close" />
        </button>
      </div>
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 text-sm">
        {keys.map(([key, what]) => (
          <div key={key} className="contents">
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}

const SHORTCUTS_ID = 'shortcuts';

/** Lets a click outside the dialog close the dialog. The types of React 18 lack this attribute. */
const CLOSED_BY_ANY = { closedby: 'any' } as object;

export function toggleShortcuts(): void {
  const list = document.getElementById(SHORTCUTS_ID);
  if (!(list instanceof HTMLDialogElement)) return;
  if (list.open) list.close();
  else list.showModal();
}

type Shortcut = (newChat: () => void) => void;

function shortcutOf({ key, ctrlKey, metaKey, shiftKey, target }: KeyboardEvent): Shortcut | null {
  if (!ctrlKey && !metaKey) return key === '?' && !isTyping(target) ? toggleShortcuts : null;
  switch (`${shiftKey ? 'shift ' : ''}${key.toLowerCase()}`) {
    case 'k':
      return searchChats;
    case 'shift o':
      return (newChat) => newChat();
    case 'shift c':
      return () => [...document.querySelectorAll<HTMLElement>('.copy-answer button')].at(-1)?.click();
    case 'shift e':
      return editLastQuestion;
    case 'shift s':
      return () => hideSidebar(!document.querySelector('.shell')?.hasAttribute('data-sidebar-hidden'));
    default:
      return null;
  }
}

export function editLastQuestion(): void {
  const edit = [...document.querySelectorAll<HTMLDetailsElement>('.turn.question .edit')].at(-1);
  if (!edit) return;
  edit.open = true;
  edit.scrollIntoView({ block: 'nearest' });
}

function searchChats(): void {
  const search = document.getElementById('search');
  const sidebar = document.getElementById(SIDEBAR_ID);
  // On a small screen the sidebar is a drawer that has to be opened first. On a large screen the person may have hidden it.
  if (sidebar && getComputedStyle(sidebar).display === 'none') {
    if (matchMedia('(min-width: 48rem)').matches) hideSidebar(false);
    else sidebar.showPopover();
  }
  // The field is focused without waiting for an animation frame, because the person may type a letter before that frame.
  search?.focus();
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
