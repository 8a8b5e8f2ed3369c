import { Link } from '@remix-run/react';
import type { Chat } from '../../../shared/chat/chat.ts';
import type { ShownFork } from '../../../shared/chat/forks.ts';
import { Icon } from '~/ui/icon.tsx';
import { fill, useWords } from '~/words/words.ts';

/** Links to the forks that were made at a message, in a list that also opens without JavaScript. */
export function BranchChip({ forks }: { forks: readonly ShownFork[] | undefined }) {
  const { thread } = useWords();
  if (!forks?.length) return null;
  const label = fill(thread.branches, { count: forks.length });
  return (
    <details className="forks">
      <summary className="badge">
        <Icon name="branch" size={15} /> {label}
      </summary>
      <ul>
        {forks.map(({ chatId, title }) => (
          <li key={chatId}>
            <Link className="menu-item" to={`/chat/${chatId}`} dir="auto">
              {title}
            </Link>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Names the chat from which this one was forked, and links to the message at which the fork was made. */
export function BranchedFrom({ from }: { from: NonNullable<Chat['from']> }) {
  const { thread } = useWords();
  const text = fill(thread.branchedFrom, { title: from.title });
  const { chatId, messageId } = from;
  return (
    <p className="branched-from">
      <Icon name="branch" size={15} />
      {from.exists ? (
        <Link className="link" to={`/chat/${chatId}?leaf=${messageId}#m-${messageId}`} dir="auto">
          {text}
        </Link>
      ) : (
        <span dir="auto">{text}</span>
      )}
    </p>
  );
}
