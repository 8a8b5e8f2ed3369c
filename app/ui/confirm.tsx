import type { ReactNode } from 'react';

interface ConfirmProps {
  /** The label of the first button. */
  text: string;
  /** For screen readers: a longer text that names what is affected. */
  label?: string | undefined;
  /** The form with the second button, and a text that explains the action. */
  children: ReactNode;
}

/** A button that shows a second button, which does something that cannot be undone. Works without JavaScript. */
export function Confirm({ text, label, children }: ConfirmProps) {
  return (
    <details className="confirm">
      <summary className="button" aria-label={label}>
        {text}…
      </summary>
      {children}
    </details>
  );
}
