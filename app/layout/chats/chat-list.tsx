import { Link, useParams } from '@remix-run/react';
import type { ReactNode } from 'react';
import type { ChatSummary } from '../../../shared/chat/chat.ts';
import { Icon } from '~/ui/icon.tsx';
import { useWords } from '~/words/words.ts';
import { useChatActions } from './chat-actions.tsx';
import { ChatRow } from './chat-row.tsx';
import { groupByDay } from './group-by-day.ts';
import { useLayout } from '~/layout/layout-data.tsx';
import { useMoreChats } from './use-more-chats.ts';
import { useRunningChats } from './use-running-chats.ts';

interface ChatListProps {
  /** The list of other people's chats in which the person is a member. It is shown below the pinned chats. */
  shared: ReactNode;
  onMenu: (chat: ChatSummary, button: HTMLElement) => void;
}

/** The list of all chats: first the pinned chats, then `shared`, then the person's own chats by day. */
export function ChatList({ shared, onMenu }: ChatListProps) {
  const words = useWords();
  const layout = useLayout();
  const { next, now } = layout;
  const { chatId: openChatId } = useParams();
  const { gone, left } = useChatActions();
  const lists = useRunningChats(layout, openChatId);
  const more = useMoreChats(lists);
  // A new message takes an archived chat out of the archive, and the chat is in the server's list again. Such a chat is shown even
  // if `left` still contains its id.
  const newest = new Set(lists.chats.map(({ chatId }) => chatId));
  const isHere = ({ chatId }: ChatSummary) => !gone.has(chatId) && (newest.has(chatId) || !left.has(chatId));
  const pinned = lists.pinned.filter(isHere);
  const onTop = new Set(pinned.map(({ chatId }) => chatId));
  const others = more.chats.filter((chat) => isHere(chat) && !onTop.has(chat.chatId));
  const days = groupByDay(others, { now: new Date(now), words: words.shell, language: words.language });
  const group = ({ label, items }: { label: string; items: ChatSummary[] }) => (
    <section key={label} aria-label={label} className="mb-3">
      <h2 className="text-muted px-2 py-1 text-xs font-medium">{label}</h2>
      <ul>
        {items.map((chat) => (
          <ChatRow key={chat.chatId} chat={chat} current={chat.chatId === openChatId} onMenu={onMenu} />
        ))}
      </ul>
    </section>
  );
  return (
    <nav
      aria-label={words.shell.chats}
      className="flex-1 overflow-y-auto px-3 pb-3"
      onScroll={({ currentTarget: box }) => {
        if (box.scrollHeight - box.clientHeight - box.scrollTop < 400) more.load();
      }}
    >
      {pinned.length > 0 && group({ label: words.shell.pinned, items: pinned })}
      {shared}
      {pinned.length === 0 && days.length === 0 && (
        <p className="text-muted px-2 py-4 text-sm">{words.shell.noChats}</p>
      )}
      {days.map(group)}
      {more.hasMore && (
        <p className="grid">
          <button type="button" className="button needs-script" onClick={more.load}>
            {words.shell.older}
          </button>
          <Link className="button without-script" to={`?older=${encodeURIComponent(next ?? '')}`}>
            {words.shell.older}
          </Link>
        </p>
      )}
      <Link to="/archive" className="icon-button text-muted text-sm">
        <Icon name="archive" /> {words.shell.archive}
      </Link>
    </nav>
  );
}
