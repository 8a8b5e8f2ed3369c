import { useEffect } from 'react';
import { ErrorPage } from '~/layout/error-page.tsx';
import { useLayout } from '~/layout/layout-data.tsx';
import { useWords } from '~/words/words.ts';
import { wasShown } from './shown-room.ts';

/** Shown instead of a room that may not be read, or not any more. It forgets what the browser has of that chat. */
export function RoomGone({ chatId, error }: { chatId: string; error: unknown }) {
  const { people } = useWords();
  const { userId } = useLayout();
  useEffect(() => {
    // A page of a room has loaded it before (use-room.ts).
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
