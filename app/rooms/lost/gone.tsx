import { useEffect } from 'react';
import { ErrorPage } from '~/layout/error-page.tsx';
import { useLayout } from '~/layout/layout-data.tsx';
import { useWords } from '~/words/words.ts';
import { wasShown } from './shown-room.ts';

/** Shown instead of a room that the person may not read. Removes what the browser has stored of that chat. */
export function RoomGone({ chatId, error }: { chatId: string; error: unknown }) {
  const { people } = useWords();
  const { userId } = useLayout();
  useEffect(() => {
    // If the room was open, this import needs no network, because use-room.ts has already loaded the module.
    void import('./forget-room.ts').then(({ forgetRoom }) => forgetRoom({ userId, chatId }));
  }, [userId, chatId]);
  const missing = wasShown(chatId)
    ? { title: people.gone, text: people.goneText }
    : { title: people.notIn, text: people.notInText };
  return (
    <div className="grid" role="alert">
      <ErrorPage error={error} missing={missing} />
    </div>
  );
}
