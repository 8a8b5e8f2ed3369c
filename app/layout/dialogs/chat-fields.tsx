import { forwardRef, type ComponentPropsWithoutRef } from 'react';
import { useWords } from '~/words/words.ts';

/** The title of a chat, in the dialog and on the page without JavaScript. */
export const TitleField = forwardRef<HTMLInputElement, ComponentPropsWithoutRef<'input'>>(
  function TitleField(props, ref) {
    return (
      <input
        {...props}
        ref={ref}
        className="field"
        name="title"
        required
        maxLength={200}
        dir="auto"
        autoComplete="off"
      />
    );
  },
);

/** The custom instructions of a chat, in the dialog and on the page without JavaScript. */
export const InstructionsField = forwardRef<HTMLTextAreaElement, ComponentPropsWithoutRef<'textarea'>>(
  function InstructionsField(props, ref) {
    return (
      <textarea
        {...props}
        ref={ref}
        className="field min-h-28"
        name="instructions"
        placeholder={useWords().menu.instructionsPlaceholder}
        maxLength={32_768}
        rows={5}
        dir="auto"
      />
    );
  },
);
