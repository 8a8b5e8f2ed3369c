import { isRouteErrorResponse, useParams, useRouteError } from '@remix-run/react';
import { ErrorPage } from '~/layout/error-page.tsx';
import { PageHeader } from '~/layout/page-header.tsx';
import { useWords } from '~/words/words.ts';
import { RoomGone } from './gone.tsx';
import { isRoomRef } from '~/rooms/room-ref.ts';

/** The error page of everything below `/chat/:chatId`. */
export function ChatError() {
  const { pages } = useWords();
  const { chatId = '' } = useParams();
  const error = useRouteError();
  const isGone = isRoomRef(chatId) && isRouteErrorResponse(error) && error.status === 404;
  return (
    <main id="main" className="main" tabIndex={-1}>
      <PageHeader />
      <div className="thread-scroll grid" tabIndex={-1}>
        {isGone ? (
          <RoomGone chatId={chatId} error={error} />
        ) : (
          <ErrorPage error={error} missing={{ title: pages.noChat, text: pages.noChatText }} />
        )}
      </div>
    </main>
  );
}
