import { Link } from '@remix-run/react';
import { memo } from 'react';
import type { ChatSummary } from '../../../shared/chat/chat.ts';
import { Icon } from '~/ui/icon.tsx';
import { fill, useWords } from '~/words/words.ts';
import { isForNewTab } from '~/ui/browser/for-new-tab.ts';

interface ChatRowProps {
  chat: ChatSummary;
  current: boolean;
  onMenu: (chat: ChatSummary, button: HTMLElement) => void;
}

/** A chat in the list: bold if its answer is unread, with an icon while an answer is written or after it failed. */
export const ChatRow = memo(function ChatRow({ chat, current, onMenu }: ChatRowProps) {
  const { shell } = useWords();
  const { stream, unread } = chat;
  const running = stream?.status === 'active';
  const isNews = unread && !running && !current;
  const failed = isNews && stream?.status === 'error';
  return (
    <li className="chat-row text-sm" data-current={current || undefined} data-unread={isNews || undefined}>
      <Link to={`/chat/${chat.chatId}`} aria-current={current ? 'page' : undefined}>
        {chat.forked && (
          <>
            <Icon name="branch" size={15} className="flex-none" />
            <span className="sr-only">{shell.branch}</span>
          </>
        )}
        <span className="title" dir="auto">
          {chat.title}
        </span>
        {running && <Mark kind="running" label={shell.running} />}
        {failed && <Mark kind="failed" label={shell.failed} />}
        {isNews && !failed && <Mark kind="unread" label={shell.unread} />}
      </Link>
      <Link
        to={`/chat/${encodeURIComponent(chat.chatId)}/manage`}
        className="icon-button"
        aria-label={fill(shell.menuOf, { title: chat.title })}
        onClick={(event) => {
          if (isForNewTab(event)) return;
          event.preventDefault();
          onMenu(chat, event.currentTarget);
        }}
      >
        <Icon name="more" className="bold" />
      </Link>
    </li>
  );
});

function Mark({ kind, label }: { kind: 'running' | 'failed' | 'unread'; label: string }) {
  return (
    <>
      <span className={`mark ${kind}`} aria-hidden="true">
        {kind === 'failed' && <Icon name="warning" size={15} />}
      </span>
      <span className="sr-only">{label}</span>
    </>
  );
}
