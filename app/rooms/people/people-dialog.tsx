import { useFetcher } from '@remix-run/react';
import { useEffect } from 'react';
import { dialogUrl } from '~/http/dialog-url.ts';
import { Dialog } from '~/layout/dialogs/dialog.tsx';
import { useDialogData } from '~/layout/dialogs/use-dialog-data.ts';
import { tellTabs } from '~/layout/tab-channel.ts';
import { useWords } from '~/words/words.ts';
import { People } from './people.tsx';
import type { PeopleData, PeopleResult } from './people-page.server.ts';
import { peoplePath } from '~/rooms/room-ref.ts';

export interface PeopleDialogProps {
  chatId: string;
  startsWithInvite: boolean;
  onClose: () => void;
}

/** The page of people as a dialog over the chat. */
export function PeopleDialog({ chatId, startsWithInvite, onClose }: PeopleDialogProps) {
  const { people } = useWords();
  const action = dialogUrl(peoplePath(chatId));
  const data = useDialogData<PeopleData>(peoplePath(chatId), onClose);
  const sent = useFetcher<PeopleResult & { code?: string; message?: string }>();
  const isDone = sent.state === 'idle' && sent.data !== undefined && sent.data.message === undefined;
  useEffect(() => {
    if (isDone) tellTabs({ chatId });
  }, [isDone, chatId]);
  return (
    <Dialog title={people.title} onClose={onClose} wide>
      {data && (
        <People
          key={chatId}
          data={data}
          forms={{ Form: sent.Form, action, busy: sent.state !== 'idle', stays: true }}
          result={sent.data}
          startsWithInvite={startsWithInvite}
        />
      )}
    </Dialog>
  );
}
