import { useEffect, useRef, type ReactNode, type RefObject } from 'react';
import { Icon } from '~/ui/icon.tsx';
import { useWords } from '~/words/words.ts';

interface DialogProps {
  title: string;
  onClose: () => void;
  /** The field that gets the focus. Its text is selected. Default: the browser chooses. */
  firstField?: RefObject<HTMLInputElement | HTMLTextAreaElement>;
  /** True when the dialog should close. */
  done?: boolean;
  wide?: boolean;
  children: ReactNode;
}

/**
 * The browser's modal dialog. When it closes, the focus goes back to where it was. If that place is in a drawer, which the dialog has
 * closed, the focus goes to the button that opens the drawer.
 */
export function Dialog({ title, onClose, firstField, done = false, wide = false, children }: DialogProps) {
  const { common } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const opener = useRef<Element | null>(null);
  useEffect(() => {
    opener.current = document.activeElement;
    dialog.current?.showModal();
    firstField?.current?.focus();
    firstField?.current?.select();
  }, [firstField]);
  useEffect(() => {
    if (done) dialog.current?.close();
  }, [done]);
  return (
    <dialog
      ref={dialog}
      className={wide ? 'dialog wide' : 'dialog'}
      aria-labelledby="dialog-title"
      onClose={() => {
        onClose();
        // The browser cannot focus an element that is hidden now.
        const drawer = opener.current?.getClientRects().length === 0 && opener.current.closest('[popover]');
        if (drawer) document.querySelector<HTMLElement>(`[popovertarget="${drawer.id}"]:not([popover] *)`)?.focus();
      }}
    >
      <div className="mb-3 flex items-start justify-between gap-2">
        <h2 id="dialog-title" className="font-semibold">
          {title}
        </h2>
        <button type="button" className="icon-button" aria-label={common.close} onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </div>
      {children}
    </dialog>
  );
}
