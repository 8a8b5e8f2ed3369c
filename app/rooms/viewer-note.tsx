import { Icon } from '~/ui/icon.tsx';
import { useWords } from '~/words/words.ts';

interface ViewerNoteProps {
  fresh: string;
  /** The message from which a branch can be made; `null` if viewers may not, or if there is none. */
  branchFrom: string | null;
  onBranch: (messageId: string, at: null) => unknown;
}

/** Stands where others write: a viewer only reads. */
export function ViewerNote({ fresh, branchFrom, onBranch }: ViewerNoteProps) {
  const { people } = useWords();
  return (
    <div className="notice viewer-note">
      <p>{people.readOnly}</p>
      {branchFrom !== null && (
        <form
          method="post"
          onSubmit={(event) => {
            event.preventDefault();
            onBranch(branchFrom, null);
          }}
        >
          <input type="hidden" name="intent" value="branch" />
          <input type="hidden" name="fresh" value={fresh} />
          <input type="hidden" name="messageId" value={branchFrom} />
          <button className="button">
            <Icon name="branch" /> {people.branch}
          </button>
        </form>
      )}
    </div>
  );
}
