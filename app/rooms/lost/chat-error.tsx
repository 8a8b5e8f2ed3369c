import { isRouteErrorResponse, useParams, useRouteError } from '@remix-run/react';
import { useEffect } from 'react';
import { ErrorPage } from '~/layout/error-page.tsx';
import { Page } from '~/layout/page.tsx';
import { useChatActions } from '~/layout/chats/chat-actions.tsx';
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
  return (
    <Page isFull>
      {isMissing && isRoomRef(chatId) ? (
        <RoomGone chatId={chatId} error={error} />
      ) : (
        <ErrorPage error={error} missing={{ title: pages.noChat, text: pages.noChatText }} />
      )}
    </Page>
  );
}
