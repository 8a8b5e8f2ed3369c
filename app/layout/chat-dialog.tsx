import { Link, useFetcher, useLocation, useParams } from '@remix-run/react';
import { useEffect, useRef } from 'react';
import type { ChatSummary } from '../../shared/chat.ts';
import { tellTabs } from './tab-channel.ts';
import { ChatForms } from './chat-forms.tsx';
import { Icon } from '~/ui/icon.tsx';

/** What can be done with a chat, over the page. Without scripts the same forms are a page of their own. */
export function ChatDialog({ chat, onClose }: { chat: ChatSummary; onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const fetcher = useFetcher<{ message?: string } | null>();
  const { pathname, search } = useLocation();
  const { chatId: openChatId } = useParams();
  useEffect(() => dialog.current?.showModal(), []);

  const submitted = useRef(false);
  useEffect(() => {
    if (fetcher.state !== 'idle') submitted.current = true;
    else if (submitted.current && !fetcher.data?.message) {
      tellTabs({ chatId: chat.chatId });
      dialog.current?.close();
    }
  }, [fetcher.state, fetcher.data, chat.chatId]);

  const here = pathname + search;
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="chat-dialog-title" onClose={onClose}>
      <div className="mb-3 flex items-start justify-between gap-2">
        <h2 id="chat-dialog-title" className="font-semibold">
          {chat.title}
        </h2>
        <button type="button" className="icon-button" aria-label="Close" onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </div>
      {fetcher.data?.message && (
        <p role="alert" className="notice danger mb-3">
          {fetcher.data.message}
        </p>
      )}
      <ChatForms
        chatId={chat.chatId}
        title={chat.title}
        form={fetcher.Form}
        returnTo={{ renamed: here, deleted: chat.chatId === openChatId ? '/' : here }}
      />
      <p className="mt-4 text-sm">
        <Link className="link" to={`/chat/${chat.chatId}/manage`} onClick={() => dialog.current?.close()}>
          Instructions for this chat
        </Link>
      </p>
    </dialog>
  );
}
