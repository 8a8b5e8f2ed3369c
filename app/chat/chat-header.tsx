import { Link, useNavigate } from '@remix-run/react';
import { useEffect, useRef, useState, type ComponentType } from 'react';
import type { Chat } from '../../shared/chat/chat.ts';
import type { Present } from '../../shared/chat/rooms.ts';
import { ChatMenu, type ChatMenuProps } from '~/layout/chats/chat-menu.tsx';
import { isForNewTab } from '~/ui/browser/for-new-tab.ts';
import { PageHeader } from '~/layout/page.tsx';
import { moveFocus } from '~/layout/chats/row-menu.tsx';
import { PresenceRow } from '~/rooms/live/presence-row.tsx';
import type { PeopleDialogProps } from '~/rooms/people/people-dialog.tsx';
import { useShareDialog } from '~/shares/use-share-dialog.tsx';
import { Icon } from '~/ui/icon.tsx';
import { useWords } from '~/words/words.ts';

interface ChatHeaderProps {
  chat: Chat | null;
  temporary: boolean;
  /** The people who look at the chat now. Empty if it is not a room. */
  here: readonly Present[];
  /** True if others can read the chat on a public page. */
  isShared: boolean;
}

interface ShownDialog {
  People: ComponentType<PeopleDialogProps>;
  startsWithInvite: boolean;
}

/**
 * The bar above a chat. A click on the title opens the chat's menu. In a room, the bar also shows the people who look at the room
 * now.
 */
export function ChatHeader({ chat, temporary, here, isShared }: ChatHeaderProps) {
  const { common, start, menu, people, share } = useWords();
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<ShownDialog | null>(null);
  const open = (startsWithInvite: boolean) => {
    if (!chat) return;
    import('~/rooms/people/people-dialog.tsx').then(
      ({ PeopleDialog: People }) => setDialog({ People, startsWithInvite }),
      // The dialog could not be loaded, so the page of the room's people is opened instead.
      () => navigate(`/chat/${encodeURIComponent(chat.chatId)}/people`),
    );
  };
  const openPeople = () => open(false);
  const sharing = useShareDialog(chat);
  const isOwner = chat !== null && (chat.room?.role ?? 'owner') === 'owner';
  return (
    <PageHeader>
      {chat ? (
        <TitleMenu chat={chat} onPeople={openPeople} sharing={sharing} />
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
      {chat && isShared && (
        <Link
          to={`/chat/${encodeURIComponent(chat.chatId)}/share${sharing.query}`}
          className="icon-button text-sm"
          title={share.isPublic}
          onClick={(event) => {
            if (isForNewTab(event)) return;
            event.preventDefault();
            sharing.open();
          }}
        >
          <Icon name="share" />
          <span className="max-md:sr-only">{share.isPublic}</span>
        </Link>
      )}
      {chat?.room && <PresenceRow chatId={chat.chatId} room={chat.room} here={here} onOpen={openPeople} />}
      {isOwner && (
        <Link
          to={`/chat/${encodeURIComponent(chat.chatId)}/people#invite`}
          className="icon-button text-sm"
          title={people.invite}
          onClick={(event) => {
            if (isForNewTab(event)) return;
            event.preventDefault();
            open(true);
          }}
        >
          <Icon name="invite" />
          <span className="max-md:sr-only">{people.invite}</span>
        </Link>
      )}
      <Link to="/" className="icon-button md:hidden" aria-label={common.newChat}>
        <Icon name="plus" />
      </Link>
      {sharing.dialog}
      {chat && dialog && (
        <dialog.People
          chatId={chat.chatId}
          startsWithInvite={dialog.startsWithInvite}
          onClose={() => setDialog(null)}
        />
      )}
    </PageHeader>
  );
}

/** The menu is a `details` element, so it also opens and closes without JavaScript. */
function TitleMenu({ chat, onPeople, sharing }: { chat: Chat } & Pick<ChatMenuProps, 'onPeople' | 'sharing'>) {
  const { menu } = useWords();
  const details = useRef<HTMLDetailsElement>(null);
  const close = () => {
    if (!details.current?.open) return;
    details.current.open = false;
    details.current.querySelector('summary')?.focus();
  };
  useEffect(() => {
    const pressed = (event: PointerEvent) => {
      if (details.current && !details.current.contains(event.target as Node)) details.current.open = false;
    };
    document.addEventListener('pointerdown', pressed);
    return () => document.removeEventListener('pointerdown', pressed);
  }, []);
  return (
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
        <ChatMenu {...{ chat, onPeople, sharing }} onClose={close} />
      </div>
    </details>
  );
}
