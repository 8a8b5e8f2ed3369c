import type { ReactNode } from 'react';
import { Confirm } from '~/ui/confirm.tsx';
import { ActionForm, type Forms } from '~/ui/action-form.tsx';

interface ConfirmedFormProps {
  forms: Forms;
  intent: string;
  fields: Record<string, string>;
  text: string;
  /** For screen readers: like `text`, but with the name of the member whom the action affects. */
  label?: string;
  /** What the action means, shown before the second press. */
  warning: string;
  children?: ReactNode;
}

/** A form that asks for a second press before it is sent. */
export function ConfirmedForm({ forms, intent, fields, text, label, warning, children }: ConfirmedFormProps) {
  return (
    <Confirm text={text} label={label}>
      <ActionForm
        forms={forms}
        intent={intent}
        fields={fields}
        className="flex flex-wrap items-center gap-2 pt-2 text-sm"
      >
        <span className="min-w-0 flex-1">{warning}</span>
        <button className="button danger" aria-disabled={forms.busy} aria-label={label}>
          {text}
        </button>
        {children}
      </ActionForm>
    </Confirm>
  );
}
