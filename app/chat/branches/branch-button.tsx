import { BranchForm, type BranchFormProps } from '~/ui/branch-form.tsx';
import { Icon } from '~/ui/icon.tsx';
import { useWords } from '~/words/words.ts';

export type OnBranch = BranchFormProps['onBranch'];

/** The button *Branch from here*. It makes a fork: a new chat with copies of the messages up to this one. */
export function BranchButton(props: BranchFormProps) {
  const { thread } = useWords();
  return (
    <BranchForm {...props}>
      <button className="icon-button" title={thread.branch}>
        <Icon name="branch" />
        <span className="sr-only">{thread.branch}</span>
      </button>
    </BranchForm>
  );
}
