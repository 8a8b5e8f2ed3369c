import { useRef } from 'react';
import { useWords } from '~/words/words.ts';
import { TitleField } from './chat-fields.tsx';
import { FieldDialog } from './field-dialog.tsx';
import type { NamedChat } from '~/layout/chats/named-chat.ts';

export function RenameDialog({ chat, onClose }: { chat: NamedChat; onClose: () => void }) {
  const { menu } = useWords();
  const field = useRef<HTMLInputElement>(null);
  return (
    <FieldDialog
      chatId={chat.chatId}
      title={menu.rename}
      label={menu.chatTitle}
      firstField={field}
      save={{ intent: 'rename', text: menu.rename }}
      onClose={onClose}
    >
      <TitleField ref={field} defaultValue={chat.title} />
    </FieldDialog>
  );
}
