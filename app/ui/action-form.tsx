import type { FormProps } from '@remix-run/react';
import type { ComponentType, ReactNode } from 'react';
import { problemSentence, useWords } from '~/words/words.ts';

/** How the forms of a page, or of a dialog over it, are sent. */
export interface Forms {
  /** Remix's `Form` on the page, the fetcher's form in a dialog. */
  Form: ComponentType<FormProps>;
  /** The URL to which all forms are sent. Default: the URL of the page. */
  action?: string;
  /** True while one of the forms is being sent. */
  busy: boolean;
  /** True if the forms are in a dialog. Then the response must not lead to another page. */
  stays: boolean;
}

interface ActionFormProps {
  forms: Forms;
  /** What the server should do. Leave it out if the form has buttons with the name `intent`. */
  intent?: string;
  /** Hidden fields. */
  fields?: Record<string, string>;
  className?: string;
  children: ReactNode;
}

/**
 * A form for one action. Works without JavaScript. While one form is being sent (`busy`), no form can be submitted. Mark the
 * buttons with `aria-disabled` while `busy`, not with `disabled`: a disabled button loses the focus.
 */
export function ActionForm({ forms, intent, fields = {}, className, children }: ActionFormProps) {
  const { Form, action, busy, stays } = forms;
  const hidden = { ...(intent === undefined ? {} : { intent }), ...(stays ? { stay: '1' } : {}), ...fields };
  return (
    <Form
      method="post"
      {...(action === undefined ? {} : { action })}
      {...(className === undefined ? {} : { className })}
      onSubmit={(event) => {
        if (busy) event.preventDefault();
      }}
    >
      {Object.entries(hidden).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {children}
    </Form>
  );
}

interface ActionResult {
  /** True if something was changed. */
  saved?: boolean | undefined;
  /** Why the action was refused: a sentence, and the error code. */
  message?: string | undefined;
  code?: string | null | undefined;
}

/** Shows why an action was refused. Success is announced to screen readers only. */
export function ActionOutcome({
  result: { saved, message, code = null },
  busy,
}: {
  result: ActionResult;
  busy: boolean;
}) {
  const words = useWords();
  return (
    <>
      {message && (
        <p role="alert" className="notice danger">
          {problemSentence(words, { code, message })}
        </p>
      )}
      <p role="status" className="sr-only">
        {saved && !busy && words.common.saved}
      </p>
    </>
  );
}
