import { Icon } from '~/ui/icon.tsx';
import { opensPopover, SIDEBAR_ID } from '~/ui/browser/popover.ts';
import { useWords } from '~/words/words.ts';
import { hideSidebar } from './sidebar-visibility.ts';

/** Opens the list of chats: a drawer on small screens, the hidden sidebar on large ones. */
export function MenuButton() {
  const { shell } = useWords();
  return (
    <button
      type="button"
      className="icon-button menu-button"
      aria-label={shell.openChats}
      {...opensPopover(SIDEBAR_ID)}
      onClick={(event) => {
        if (!matchMedia('(min-width: 48rem)').matches) return;
        event.preventDefault();
        hideSidebar(false);
        document.getElementById('hide-sidebar')?.focus();
      }}
    >
      <Icon name="menu" />
    </button>
  );
}
