import type { FormProps } from '@remix-run/react';
import type { ComponentType, ReactNode } from 'react';

/** How the forms of a page, or of a dialog over it, are sent. */
export interface Forms {
  /** Remix's `Form` on the page, the fetcher's form in a dialog. */
  Form: ComponentType<FormProps>;
  /** The URL to which all forms are sent. */
  action: string;
  /** One of the forms is being sent. */
  busy: boolean;
  /** The forms are in a dialog, so the response must not lead to another page. */
  stays: boolean;
}

interface ActionFormProps {
  forms: Forms;
  intent: string;
  /** Hidden fields. */
  fields?: Record<string, string>;
  className?: string;
  children: ReactNode;
}

/**
 * A form for one action on the people of a chat. Works without JavaScript. While a form is being sent, others are not sent.
 * Mark their buttons with `aria-disabled`, not with `disabled`: a disabled button loses the focus.
 */
export function ActionForm({ forms, intent, fields = {}, className, children }: ActionFormProps) {
  const { Form, action, busy, stays } = forms;
  return (
    <Form
      method="post"
      action={action}
      onSubmit={(event) => {
        if (busy) event.preventDefault();
      }}
      {...(className ? { className } : {})}
    >
      <input type="hidden" name="intent" value={intent} />
      {stays && <input type="hidden" name="stay" value="1" />}
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {children}
    </Form>
  );
}
