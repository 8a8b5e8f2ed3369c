import type { FormProps } from '@remix-run/react';
import type { ComponentType, ReactNode } from 'react';

/** How the forms of a page, or of a dialog over it, are sent. */
export interface Forms {
  /** The page's form, or that of a dialog's fetcher. */
  Form: ComponentType<FormProps>;
  /** The address to which all of them are sent. */
  action: string;
  /** One of them is being sent. */
  busy: boolean;
  /** Stays on the page, because it is in a dialog. */
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
 * One action on the people of a chat. Works without JavaScript. While one is being sent, others are ignored. Give the buttons
 * `aria-disabled` then: a button that is disabled loses the focus.
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
