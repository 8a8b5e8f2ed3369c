import { Link } from '@remix-run/react';
import { Fragment, type ReactNode } from 'react';
import { isForNewTab } from '~/ui/browser/for-new-tab.ts';
import { Icon, type IconName } from '~/ui/icon.tsx';
import { useWords } from '~/words/words.ts';
import { useChatActions } from './chat-actions.tsx';
import type { NamedChat } from './named-chat.ts';

export interface ChatMenuProps {
  chat: NamedChat;
  onClose: () => void;
  /** Opens the dialog with the people of the chat. Default: the menu opens the page with the people. */
  onPeople?: (() => void) | undefined;
  /**
   * `open` opens the dialog that shares the chat. Without JavaScript, or if `sharing` is left out, the menu opens the page
   * `/chat/:chatId/share` instead. `query`: the query string of that page's URL.
   */
  sharing?: { query: string; open: () => void } | undefined;
}

/**
 * The entries of a chat's menu. The menu opens at the title of the chat and in the list of chats. Without JavaScript, the entries
 * are links to pages on which the person can do the same.
 */
export function ChatMenu({ chat, onClose, onPeople, sharing }: ChatMenuProps) {
  const { menu, people, share } = useWords();
  const actions = useChatActions();
  const path = encodeURIComponent(chat.chatId);
  const entry = (icon: IconName, label: string, page: string, run: () => void) => (
    <Entry icon={icon} label={label} chatId={path} page={page} onRun={() => (onClose(), run())} />
  );
  const isMember = chat.room != null && chat.room.role !== 'owner';
  const pageEntry = (icon: IconName, label: string, page: string, open: (() => void) | undefined) => (
    <Link
      key={icon}
      to={`/chat/${path}/${page}`}
      className="menu-item"
      onClick={(event) => {
        if (isForNewTab(event)) return;
        onClose();
        if (!open) return;
        event.preventDefault();
        open();
      }}
    >
      <Icon name={icon} /> {label}
    </Link>
  );
  const peopleEntry = pageEntry('people', people.title, 'people', onPeople);
  const exports = (
    <Fragment key="exports">
      <Download onClose={onClose} to={`/chat/${path}/export?format=md`}>
        {menu.exportMarkdown}
      </Download>
      <Download onClose={onClose} to={`/chat/${path}/export?format=json`}>
        {menu.exportJson}
      </Download>
    </Fragment>
  );
  if (isMember) return [peopleEntry, exports];
  return (
    <>
      {entry('edit', menu.rename, 'manage#title', () => actions.rename(chat))}
      {entry('note', menu.instructions, 'manage#instructions', () => actions.instructions(chat))}
      {peopleEntry}
      {pageEntry('share', share.entry, `share${sharing?.query ?? ''}`, sharing?.open)}
      {!chat.temporary && (
        <>
          {entry('pin', chat.pinned ? menu.unpin : menu.pin, 'manage#list', () =>
            actions.change(chat, { pinned: !chat.pinned }),
          )}
          {entry('archive', chat.archived ? menu.unarchive : menu.archive, 'manage#list', () =>
            actions.change(chat, { archived: !chat.archived }),
          )}
        </>
      )}
      {exports}
      {entry('trash', menu.delete, 'manage?confirm=delete', () => actions.remove(chat))}
    </>
  );
}

interface EntryProps {
  icon: IconName;
  label: string;
  chatId: string;
  /** The URL that the entry links to without JavaScript, relative to the URL of the chat. */
  page: string;
  onRun: () => void;
}

function Entry({ icon, label, chatId, page, onRun }: EntryProps) {
  return (
    <Link
      to={`/chat/${chatId}/${page}`}
      className={`menu-item ${icon === 'trash' ? 'text-danger' : ''}`}
      onClick={(event) => {
        if (isForNewTab(event)) return;
        event.preventDefault();
        onRun();
      }}
    >
      <Icon name={icon} /> {label}
    </Link>
  );
}

function Download({ to, onClose, children }: { to: string; onClose: () => void; children: ReactNode }) {
  return (
    <a className="menu-item" href={to} download onClick={onClose}>
      <Icon name="download" /> {children}
    </a>
  );
}
