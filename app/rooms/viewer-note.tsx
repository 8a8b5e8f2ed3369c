import { Icon } from '~/ui/icon.tsx';
import { useWords } from '~/words/words.ts';

interface ViewerNoteProps {
  fresh: string;
  /** The message from which a branch can be made; `null` if viewers may not, or if there is none. */
  branchFrom: string | null;
  /** That message is an answer that is being written. */
  streaming: boolean;
  /** The event id of its last frame on the screen. Without JavaScript the server takes the last one that is stored. */
  shown: string | null;
  onBranch: (messageId: string, at: string | null) => unknown;
}

/** Stands where others write: a viewer only reads. */
export function ViewerNote({ fresh, branchFrom, streaming, shown, onBranch }: ViewerNoteProps) {
  const { people } = useWords();
  return (
    <div className="notice viewer-note">
      <p>{people.readOnly}</p>
      {branchFrom !== null && (
        <form
          method="post"
          onSubmit={(event) => {
            event.preventDefault();
            onBranch(branchFrom, streaming ? (shown ?? 'now') : null);
          }}
        >
          <input type="hidden" name="intent" value="branch" />
          <input type="hidden" name="fresh" value={fresh} />
          <input type="hidden" name="messageId" value={branchFrom} />
          {streaming && <input type="hidden" name="at" value="now" />}
          <button className="button">
            <Icon name="branch" /> {people.branch}
          </button>
        </form>
      )}
    </div>
  );
}
