import type { ReactNode } from 'react';

export interface MessageFormFields {
  fresh: string;
  modelId: string;
}

interface MessageFormProps extends MessageFormFields {
  intent: 'regenerate' | 'continue';
  messageId: string;
  /** Called instead of the form's request if JavaScript runs. */
  onSubmit: () => unknown;
  children: ReactNode;
}

export function MessageForm({ intent, messageId, fresh, modelId, onSubmit, children }: MessageFormProps) {
  return (
    <form
      method="post"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <input type="hidden" name="intent" value={intent} />
      <input type="hidden" name="fresh" value={fresh} />
      <input type="hidden" name="messageId" value={messageId} />
      <input type="hidden" name="modelId" value={modelId} />
      {children}
    </form>
  );
}
