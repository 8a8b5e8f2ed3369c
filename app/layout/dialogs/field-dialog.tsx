import type { ReactNode, RefObject } from 'react';
import { Dialog } from './dialog.tsx';
import { useManageForm } from './use-manage-form.ts';

interface FieldDialogProps {
  chatId: string;
  title: string;
  label: string;
  /** The field, which is in `children`. It gets the focus first. */
  firstField: RefObject<HTMLInputElement | HTMLTextAreaElement>;
  /** The button that saves the field. `intent` tells the page `/chat/:chatId/manage` what the form changes. */
  save: { intent: string; text: string; disabled?: boolean };
  onClose: () => void;
  children: ReactNode;
}

export function FieldDialog({ chatId, title, label, firstField, save, onClose, children }: FieldDialogProps) {
  const { Form, action, returnTo, problem, done } = useManageForm(chatId);
  return (
    <Dialog title={title} onClose={onClose} firstField={firstField} done={done}>
      {problem && (
        <p role="alert" className="notice danger mb-3">
          {problem}
        </p>
      )}
      <Form method="post" action={action} className="grid gap-4">
        <input type="hidden" name="returnTo" value={returnTo} />
        <label className="grid gap-1 text-sm">
          <span className="text-muted">{label}</span>
          {children}
        </label>
        <span className="flex justify-end">
          <button className="button primary" name="intent" value={save.intent} disabled={save.disabled}>
            {save.text}
          </button>
        </span>
      </Form>
    </Dialog>
  );
}
