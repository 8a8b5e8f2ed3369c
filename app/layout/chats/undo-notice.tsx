import { useEffect, useRef } from 'react';
import { Icon } from '~/ui/icon.tsx';
import { popover } from '~/ui/browser/popover.ts';
import { useWords } from '~/words/words.ts';

export const UNDO_ID = 'undo';

interface UndoNoticeProps {
  /** What was done to a chat, and how to undo it. */
  undo: { text: string; run: () => void } | null;
  /** The sentence about an action that failed. Shown if there is nothing to undo. */
  problem: string | null;
  onDismiss: () => void;
}

/**
 * A notice. Either it says that a chat was deleted or archived, and offers an undo, or it says what failed. The notice lies above
 * everything else on the page, including an open drawer.
 */
export function UndoNotice({ undo, problem, onDismiss }: UndoNoticeProps) {
  const { common } = useWords();
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const text = undo?.text ?? problem;
  useEffect(() => {
    if (text === null) return;
    box.current?.showPopover();
    // The button that was pressed (delete, or undo) may be gone, so the focus moves to the button of this notice.
    button.current?.focus();
  }, [text]);

  if (text === null) return <div role="status" className="sr-only" />;
  return (
    <div ref={box} {...popover(UNDO_ID, 'manual')} className="toast" role="status">
      <span>{text}</span>
      {undo ? (
        <button ref={button} type="button" className="button" onClick={undo.run}>
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
