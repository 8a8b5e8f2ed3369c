import { Icon } from '~/ui/icon.tsx';
import { useWords } from '~/words/words.ts';

/** Begins a branch. `at`: the event id up to which an answer is copied, `now`, or `null` for the whole message. */
export type OnBranch = (messageId: string, at: string | null) => unknown;

interface BranchButtonProps {
  messageId: string;
  fresh: string;
  /** True while the answer is being written. */
  streaming?: boolean;
  /** The event id of the last frame on the screen. Without JavaScript the server takes the last one that is stored. */
  shown?: string | null;
  onBranch: OnBranch;
}

/** *Branch from here*: a new chat with the messages up to this one. A form, so that it works without JavaScript. */
export function BranchButton({ messageId, fresh, streaming = false, shown = null, onBranch }: BranchButtonProps) {
  const { thread } = useWords();
  return (
    <form
      method="post"
      onSubmit={(event) => {
        event.preventDefault();
        onBranch(messageId, streaming ? (shown ?? 'now') : null);
      }}
    >
      <input type="hidden" name="intent" value="branch" />
      <input type="hidden" name="fresh" value={fresh} />
      <input type="hidden" name="messageId" value={messageId} />
      {streaming && <input type="hidden" name="at" value="now" />}
      <button className="icon-button" title={thread.branch}>
        <Icon name="branch" />
        <span className="sr-only">{thread.branch}</span>
      </button>
    </form>
  );
}
