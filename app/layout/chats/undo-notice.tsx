import { useEffect, useRef } from 'react';
import { Icon } from '~/ui/icon.tsx';
import { popover } from '~/ui/popover.ts';
import { useWords } from '~/words/words.ts';

interface UndoNoticeProps {
  undoable: boolean;
  /** The sentence about an action that failed. */
  problem: string | null;
  onUndo: () => void;
  onDismiss: () => void;
}

/** Says that a chat was deleted and offers to undo that, or says what failed. It lies above everything, also an open drawer. */
export function UndoNotice({ undoable, problem, onUndo, onDismiss }: UndoNoticeProps) {
  const { common, menu } = useWords();
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const isShown = undoable || problem !== null;
  useEffect(() => {
    if (!isShown) return;
    box.current?.showPopover();
    // The button that was pressed (delete, or undo) may be gone, so the focus moves to the button of this notice.
    button.current?.focus();
  }, [isShown, undoable]);

  if (!isShown) return <div role="status" className="sr-only" />;
  return (
    <div ref={box} {...popover('undo', 'manual')} className="toast" role="status">
      <span>{undoable ? menu.deleted : problem}</span>
      {undoable ? (
        <button ref={button} type="button" className="button" onClick={onUndo}>
          {common.undo}
        </button>
      ) : (
        <button ref={button} type="button" className="icon-button" aria-label={common.close} onClick={onDismiss}>
          <Icon name="close" />
        </button>
      )}
    </div>
  );
}
