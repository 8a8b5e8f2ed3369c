import { useFetcher } from '@remix-run/react';
import { dialogUrl } from '~/http/dialog-url.ts';
import { Dialog } from '~/layout/dialogs/dialog.tsx';
import { useDialogData } from '~/layout/dialogs/use-dialog-data.ts';
import { fill, useWords } from '~/words/words.ts';
import { SharePanel, type SharePanelData, type ShareResult } from './share-panel.tsx';

export interface ShareDialogProps {
  chat: { chatId: string; title: string };
  /** The id of a message. A new public page shows the branch with this message. `null`: the branch with the newest message. */
  leaf: string | null;
  onClose: () => void;
}

/** The page `/chat/:chatId/share` as a dialog over the chat. */
export function ShareDialog({ chat, leaf, onClose }: ShareDialogProps) {
  const { share } = useWords();
  const sent = useFetcher<ShareResult>();
  const page = `/chat/${encodeURIComponent(chat.chatId)}/share`;
  const data = useDialogData<SharePanelData>(page, onClose);
  return (
    <Dialog title={fill(share.title, { title: chat.title })} onClose={onClose} wide>
      {data && (
        <SharePanel
          data={data}
          forms={{ Form: sent.Form, action: dialogUrl(page), busy: sent.state !== 'idle', stays: true }}
          result={sent.data}
          leaf={leaf}
        />
      )}
    </Dialog>
  );
}
