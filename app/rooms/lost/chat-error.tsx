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
  const typed = useDraft('draft', chatId);
  const ofNewChat = useDraft('draft', 'new');
  const [isKept, setIsKept] = useState(false);
  // The chat may have been deleted elsewhere while the person was typing in it.
  useEffect(() => {
    const text = typed.read();
    if (!isMissing || isRoomRef(chatId) || text === '' || ofNewChat.read() !== '') return;
    ofNewChat.keep(text);
    typed.keep('');
    setIsKept(true);
  }, [isMissing, chatId, typed, ofNewChat]);
  const text = isKept ? `${pages.noChatText} ${pages.textKept}` : pages.noChatText;
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
