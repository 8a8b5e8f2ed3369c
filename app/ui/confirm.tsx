import type { ReactNode } from 'react';

interface ConfirmProps {
  /** What the action does. */
  text: string;
  /** For screen readers: a longer text that names what is affected. */
  label?: string | undefined;
  /** The form with the second button, and what the action means. */
  children: ReactNode;
}

/** A button that opens a second one, for an action that cannot be undone. Works without JavaScript. */
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
