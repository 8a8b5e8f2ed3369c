import { Icon } from '~/ui/icon.tsx';
import { opensPopover, SIDEBAR_ID } from './popover.ts';

/** Opens the list of chats, which is a drawer on small screens. */
export function MenuButton() {
  return (
    <button
      type="button"
      className="icon-button md:hidden"
      aria-label="Open the list of chats"
      {...opensPopover(SIDEBAR_ID)}
    >
      <Icon name="menu" />
    </button>
  );
}
