import { Link } from '@remix-run/react';
import { useEffect, useRef } from 'react';
import type { Chat } from '../../shared/chat.ts';
import { ChatMenu } from '~/layout/chats/chat-menu.tsx';
import { PageHeader } from '~/layout/page-header.tsx';
import { moveFocus } from '~/layout/chats/row-menu.tsx';
import { useShareEntry } from '~/shares/share-entry.tsx';
import { Icon } from '~/ui/icon.tsx';
import { useWords } from '~/words/words.ts';

/** The chat's title, which opens the menu of the chat. */
export function ChatHeader({ chat, temporary }: { chat: Chat | null; temporary: boolean }) {
  const { common, start, menu } = useWords();
  return (
    <PageHeader>
      {chat ? (
        <TitleMenu chat={chat} />
      ) : (
        <h1 className="min-w-0 flex-1 truncate px-2 text-sm font-medium">{common.newChat}</h1>
      )}
      {temporary && (
        <span className="badge" title={start.temporaryOn}>
          <Icon name="clock" size={15} /> {start.temporaryShort}
        </span>
      )}
      {chat?.archived && (
        <span className="badge">
          <Icon name="archive" size={15} /> {menu.archived}
        </span>
      )}
      <Link to="/" className="icon-button md:hidden" aria-label={common.newChat}>
        <Icon name="plus" />
      </Link>
    </PageHeader>
  );
}

/** Also opens and closes without JavaScript. */
function TitleMenu({ chat }: { chat: Chat }) {
  const { menu } = useWords();
  const details = useRef<HTMLDetailsElement>(null);
  const close = () => {
    if (!details.current?.open) return;
    details.current.open = false;
    details.current.querySelector('summary')?.focus();
  };
  const { entry, dialog } = useShareEntry(chat, close);
  useEffect(() => {
    const pressed = (event: PointerEvent) => {
      if (details.current && !details.current.contains(event.target as Node)) details.current.open = false;
    };
    document.addEventListener('pointerdown', pressed);
    return () => document.removeEventListener('pointerdown', pressed);
  }, []);
  return (
    <>
      <details
        ref={details}
        className="title-menu"
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || !details.current?.open) return;
          event.preventDefault();
          close();
        }}
        onBlur={({ currentTarget, relatedTarget }) => {
          if (relatedTarget && !currentTarget.contains(relatedTarget)) currentTarget.open = false;
        }}
      >
        <summary title={menu.title}>
          <h1 className="truncate" dir="auto">
            {chat.title}
          </h1>
          <Icon name="chevron" size={16} />
        </summary>
        <div className="menu" role="group" aria-label={menu.title} onKeyDown={moveFocus}>
          {entry}
          <ChatMenu chat={chat} onClose={close} />
        </div>
      </details>
      {dialog}
    </>
  );
}
