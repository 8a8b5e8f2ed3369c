import { useEffect, useRef } from 'react';
import { useWords } from '~/words/words.ts';
import { InstructionsField } from './chat-fields.tsx';
import { FieldDialog } from './field-dialog.tsx';
import type { NamedChat } from '~/layout/chats/named-chat.ts';
import { useDialogData } from './use-dialog-data.ts';
import { managePath } from './use-manage-form.ts';

export function InstructionsDialog({ chat, onClose }: { chat: NamedChat; onClose: () => void }) {
  const { common, menu } = useWords();
  const field = useRef<HTMLTextAreaElement>(null);
  const data = useDialogData<{ instructions: string }>(managePath(chat.chatId), onClose);
  useEffect(() => {
    if (data) field.current?.focus();
  }, [data]);
  return (
    <FieldDialog
      chatId={chat.chatId}
      title={menu.instructions}
      label={menu.instructionsLabel}
      firstField={field}
      save={{ intent: 'instructions', text: common.save, disabled: !data }}
      onClose={onClose}
    >
      <InstructionsField
        // A new field once the text has been loaded: `defaultValue` counts only for the first render.
        key={data ? 'loaded' : 'loading'}
        ref={field}
        defaultValue={data?.instructions ?? ''}
        readOnly={!data}
      />
    </FieldDialog>
  );
}
