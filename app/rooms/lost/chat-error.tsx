import { isRouteErrorResponse, useParams, useRouteError } from '@remix-run/react';
import { useEffect, useState } from 'react';
import { ErrorPage } from '~/layout/error-page.tsx';
import { Page } from '~/layout/page.tsx';
import { useChatActions } from '~/layout/chats/chat-actions.tsx';
import { useDraft } from '~/layout/typed/drafts.ts';
import { useWords } from '~/words/words.ts';
import { RoomGone } from './gone.tsx';
import { isRoomRef } from '~/rooms/room-ref.ts';

export function ChatError() {
  const { pages } = useWords();
  const { chatId = '' } = useParams();
  const error = useRouteError();
  const isMissing = isRouteErrorResponse(error) && error.status === 404;
  const { leave } = useChatActions();
  useEffect(() => {
    if (isMissing) leave(chatId);
  }, [isMissing, chatId, leave]);
  // The chat may have been deleted elsewhere while the person was typing in it.
  const isLost = isMissing && !isRoomRef(chatId);
  const hasText = useMovedToNewChat('draft', chatId, isLost);
  const hasBlanks = useMovedToNewChat('blanks', chatId, isLost);
  const text = hasText || hasBlanks ? `${pages.noChatText} ${pages.textKept}` : pages.noChatText;
  return (
    <Page isFull>
      {isMissing && isRoomRef(chatId) ? (
        <RoomGone chatId={chatId} error={error} />
      ) : (
        <ErrorPage error={error} missing={{ title: pages.noChat, text }} />
      )}
    </Page>
  );
}

/** Moves what was typed in the composer of a lost chat to that of a new chat, if nothing was typed there. True if a text was moved. */
function useMovedToNewChat(kind: 'draft' | 'blanks', chatId: string, isLost: boolean): boolean {
  const typed = useDraft(kind, chatId);
  const ofNewChat = useDraft(kind, 'new');
  const [isMoved, setIsMoved] = useState(false);
  useEffect(() => {
    const text = typed.read();
    if (!isLost || text === '' || ofNewChat.read() !== '') return;
    ofNewChat.keep(text);
    typed.keep('');
    setIsMoved(true);
  }, [isLost, typed, ofNewChat]);
  return isMoved;
}
