import type { FormProps } from '@remix-run/react';
import type { ComponentType, ReactNode } from 'react';

/** How the forms of public pages are sent. */
export interface ShareForms {
  /** Remix's `Form` on a page, the fetcher's form in a dialog. */
  Form: ComponentType<FormProps>;
  /** The URL to which all forms are sent. Default: that of the page. */
  action?: string;
  /** One of the forms is being sent. Others are not sent meanwhile. */
  busy: boolean;
  /** The forms are in a dialog, so the response must not lead to another page. */
  stays: boolean;
}

interface ShareActionFormProps {
  forms: ShareForms;
  /** Hidden fields. */
  fields: Record<string, string>;
  className?: string;
  children: ReactNode;
}

/** A form that makes or changes a public page. Its button names the intent. */
export function ShareActionForm({ forms, fields, className, children }: ShareActionFormProps) {
  const { Form, action, busy, stays } = forms;
  return (
    <Form
      method="post"
      {...(action === undefined ? {} : { action })}
      {...(className === undefined ? {} : { className })}
      onSubmit={(event) => {
        if (busy) event.preventDefault();
      }}
    >
      {stays && <input type="hidden" name="stay" value="1" />}
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {children}
    </Form>
  );
}
