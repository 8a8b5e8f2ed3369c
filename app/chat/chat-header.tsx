import { Link } from '@remix-run/react';
import type { Chat } from '../../shared/chat.ts';
import { Icon } from '~/ui/icon.tsx';
import { MenuButton } from '~/layout/menu-button.tsx';

/** The chat's title and what can be done with it. */
export function ChatHeader({ chat }: { chat: Chat | null }) {
  return (
    <header className="flex min-h-12 items-center gap-1 px-2">
      <MenuButton />
      <h1 className="min-w-0 flex-1 truncate px-2 text-sm font-medium" dir="auto">
        {chat?.title ?? 'New chat'}
      </h1>
      {chat && (
        <Link
          to={`/chat/${chat.chatId}/manage`}
          className="icon-button"
          aria-label="This chat: title, instructions, export, delete"
        >
          <Icon name="sliders" />
        </Link>
      )}
      <Link to="/" className="icon-button md:hidden" aria-label="New chat">
        <Icon name="plus" />
      </Link>
    </header>
  );
}
