import { Link } from '@remix-run/react';
import { useEffect } from 'react';
import { streams } from '~/hooks/use-resumable-stream.ts';
import { useLayout } from '~/layout/layout-data.tsx';
import { browserStorage, tabStorage } from '~/ui/browser-storage.ts';
import { Icon } from '~/ui/icon.tsx';
import { useWords } from '~/words/words.ts';

/** The room that was shown last on this page. Only in a browser. */
let shown: string | null = null;

/** Called while a page of a room is shown, so that its loss can be told from an address that never worked. */
export function useShownRoom(chatId: string, isRoom: boolean): void {
  useEffect(() => void (shown = isRoom ? chatId : null), [chatId, isRoom]);
}

/** Shown instead of a room that may not be read, or not any more. It forgets what the browser has of that chat. */
export function RoomGone({ chatId }: { chatId: string }) {
  const { people, pages } = useWords();
  const { userId } = useLayout();
  const wasHere = shown === chatId;
  useEffect(() => {
    forgetChat({ userId, chatId });
    // Those that the page has followed are released a moment after it is gone.
    const timer = setTimeout(() => streams.forgetUnused(), 0);
    return () => clearTimeout(timer);
  }, [userId, chatId]);
  return (
    <div className="column grid grid-cols-1 content-center justify-items-start gap-3 py-10" role="alert">
      <span className="error-sign" aria-hidden="true">
        <Icon name="people" size={26} />
      </span>
      <h1 className="text-2xl font-semibold tracking-tight text-balance">{wasHere ? people.gone : people.notIn}</h1>
      <p className="text-muted max-w-prose text-pretty">{wasHere ? people.goneText : people.notInText}</p>
      <p className="mt-2">
        <Link className="button" to="/">
          {pages.home}
        </Link>
      </p>
    </div>
  );
}

/** Drafts, and the stream that would be resumed. */
function forgetChat({ userId, chatId }: { userId: string; chatId: string }): void {
  browserStorage.write(`rejoin:draft:${userId}:${chatId}`, '');
  browserStorage.write(`rejoin:stream:${userId}:${chatId}`, '');
  tabStorage.forget((key, value) => key.includes(chatId) || value.includes(chatId));
}
