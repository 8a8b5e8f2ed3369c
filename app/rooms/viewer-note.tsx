import { useLayout } from '~/layout/layout-data.tsx';
import { BranchForm, type BranchFormProps } from '~/ui/branch-form.tsx';
import { Icon } from '~/ui/icon.tsx';
import { useWords } from '~/words/words.ts';

interface ViewerNoteProps extends Omit<BranchFormProps, 'messageId'> {
  /** The message where the viewer can fork the chat; `null` if viewers may not, or if there is no message. */
  branchFrom: string | null;
}

/** Shown to viewers instead of the composer. */
export function ViewerNote({ branchFrom, ...form }: ViewerNoteProps) {
  const { people } = useWords();
  const { guestsOnlyRead } = useLayout();
  return (
    <div className="notice viewer-note">
      <p>{guestsOnlyRead ? people.readOnlyGuest : people.readOnly}</p>
      {branchFrom !== null && (
        <BranchForm {...form} messageId={branchFrom}>
          <button className="button">
            <Icon name="branch" /> {people.branch}
          </button>
        </BranchForm>
      )}
    </div>
  );
}
