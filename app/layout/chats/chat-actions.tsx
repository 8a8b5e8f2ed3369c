import { useNavigate, useParams } from '@remix-run/react';
import {
  createContext,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
  type ComponentType,
  type ReactNode,
} from 'react';
import type { ChatPatch } from '../../../shared/chat/chat.ts';
import { tabStorage } from '~/ui/browser/browser-storage.ts';
import { useConnectivity } from '~/ui/browser/connectivity.ts';
import { fill, useWords } from '~/words/words.ts';
import { createDeletions, useDeletions } from './deletions.ts';
import { forgetChat } from '~/layout/kept-chats.ts';
import { useRefresh } from '~/layout/refresh.tsx';
import { othersIn, type NamedChat } from './named-chat.ts';
import { tellTabs } from '~/layout/tab-channel.ts';
import { UndoNotice } from './undo-notice.tsx';
import { whenUndoEnds } from './undo-time.ts';

export interface ChatActions {
  rename: (chat: NamedChat) => void;
  instructions: (chat: NamedChat) => void;
  remove: (chat: NamedChat) => void;
  change: (chat: NamedChat, patch: Pick<ChatPatch, 'pinned' | 'archived'>) => void;
  /** Chats that were deleted in this tab. They are hidden even before the server has deleted them. */
  gone: ReadonlySet<string>;
  /**
   * Chats that were archived in this tab, or whose page was not found. They are hidden in lists that were loaded earlier and still
   * contain them.
   */
  left: ReadonlySet<string>;
  leave: (chatId: string) => void;
}

const ChatActionsContext = createContext<ChatActions | null>(null);

export function useChatActions(): ChatActions {
  const actions = useContext(ChatActionsContext);
  if (!actions) throw new Error('useChatActions works only inside the layout with the sidebar.');
  return actions;
}

type ChatDialog = ComponentType<{ chat: NamedChat; onClose: () => void }>;

const LEFT_KEY = 'rejoin:deleting';
/**
 * The largest `unlessAskedWithinMs` that the server accepts. If somebody has asked something in the chat within that time, the server
 * does not delete the chat. The time since a person pressed “Delete” may be longer, because the computer may have slept.
 */
const MAX_ELAPSED_MS = 3_600_000;

/** Called when the server has deleted a chat. `ChatActionsProvider` sets this function. */
let onDeleted: (chatId: string) => void = () => undefined;

const deletions = createDeletions({
  async send({ chatId, at }) {
    const elapsedMs = Math.min(Math.max(0, Date.now() - at), MAX_ELAPSED_MS);
    const query = new URLSearchParams({ unlessAskedWithinMs: String(elapsedMs) });
    const path = `/api/chats/${encodeURIComponent(chatId)}?${query}`;
    const response = await fetch(path, { method: 'DELETE', keepalive: true }).catch(() => null);
    if (response?.ok === true || response?.status === 404) return 'deleted';
    return response?.status === 409 ? 'asked' : 'failed';
  },
  whenUndoEnds,
  deleted: (chatId) => onDeleted(chatId),
});

async function patchChat(chatId: string, patch: ChatPatch): Promise<boolean> {
  const response = await fetch(`/api/chats/${encodeURIComponent(chatId)}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(patch),
  }).catch(() => null);
  return response?.ok === true;
}

/** Provides the actions on a chat to everything inside the layout. Shows the dialogs of these actions, and the notice with “Undo”. */
export function ChatActionsProvider({ children }: { children: ReactNode }) {
  const { menu } = useWords();
  const navigate = useNavigate();
  const refresh = useRefresh();
  const { chatId: openChatId } = useParams();
  const [dialog, setDialog] = useState<{ Shown: ChatDialog; chat: NamedChat } | null>(null);
  /** The code of a dialog is loaded when the dialog is opened. If loading fails, the page with the same forms opens instead. */
  const open = useCallback(
    (chat: NamedChat, loaded: Promise<ChatDialog>) =>
      void loaded.then(
        (Shown) => setDialog({ Shown, chat }),
        () => navigate(`/chat/${encodeURIComponent(chat.chatId)}/manage`),
      ),
    [navigate],
  );
  const state = useDeletions(deletions);
  const openId = useRef(openChatId);
  openId.current = openChatId;

  useEffect(() => {
    onDeleted = (chatId) => {
      tellTabs({ chatId });
      refresh();
    };
    const leave = () => {
      const { undoable } = deletions.current();
      // The server may render the next page before it receives the deletion. So the deletion is stored, and the next page hides the
      // chat and sends the deletion again.
      if (undoable !== null) tabStorage.write(LEFT_KEY, `${undoable.at} ${undoable.chatId}`);
      deletions.flush();
    };
    const [at = '', chatId] = tabStorage.read(LEFT_KEY)?.split(' ') ?? [];
    tabStorage.write(LEFT_KEY, '');
    if (chatId !== undefined) deletions.resume({ chatId, at: Number(at) });
    addEventListener('pagehide', leave);
    return () => removeEventListener('pagehide', leave);
  }, [refresh]);

  /** A sentence about an action that failed, other than a deletion that the server has refused. */
  const [problem, setProblem] = useState<string | null>(null);
  /** The chat that was open when it was deleted. Undo opens it again. */
  const leftId = useRef<string | null>(null);
  const [deleted, setDeleted] = useState('');
  const remove = useCallback(
    (chat: NamedChat) => {
      const { chatId } = chat;
      setProblem(null);
      deletions.dismiss();
      if (!navigator.onLine) return setProblem(menu.deleteOffline);
      const count = othersIn(chat);
      setDeleted(count > 0 ? fill(menu.deletedForOthers, { count }) : menu.deleted);
      deletions.remove(chatId);
      forgetChat(`/chat/${encodeURIComponent(chatId)}`);
      leftId.current = openId.current === chatId ? chatId : null;
      if (leftId.current !== null) void navigate('/');
    },
    [navigate, menu],
  );
  const undoableId = state.undoable?.chatId ?? null;
  /** The person has opened the page of the chat that is being deleted, for example with the browser's Back. */
  const [isReopened, setIsReopened] = useState(false);
  useEffect(() => {
    setIsReopened(openChatId !== undefined && openChatId === deletions.current().undoable?.chatId);
  }, [openChatId]);
  /** Opens the chat again. If its page is still shown because the network is away, the page no longer waits to leave. */
  const openAgain = useCallback(() => {
    const { current: chatId } = leftId;
    if (chatId !== null) void navigate(`/chat/${encodeURIComponent(chatId)}`, { replace: chatId === openId.current });
  }, [navigate]);
  const { failure } = state;
  useEffect(() => {
    if (failure !== null && leftId.current === openId.current) openAgain();
  }, [failure, openAgain]);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const leave = useCallback((chatId: string) => setLeft((before) => new Set([...before, chatId])), []);
  const [undoArchiving, setUndoArchiving] = useState<{ chat: NamedChat } | null>(null);
  useEffect(() => {
    if (undoArchiving) return whenUndoEnds(() => setUndoArchiving(null));
  }, [undoArchiving]);
  const change = useCallback<ChatActions['change']>(
    (chat, patch) => {
      const { chatId } = chat;
      setProblem(null);
      setUndoArchiving(null);
      // The notice can undo only the last action. So an earlier deletion becomes final now.
      if (patch.archived) deletions.flush();
      void patchChat(chatId, patch).then((isChanged) => {
        if (!isChanged) return setProblem(menu.changeFailed);
        if (patch.archived) setUndoArchiving({ chat });
        if (patch.archived) leave(chatId);
        else setLeft((before) => new Set([...before].filter((id) => id !== chatId)));
        tellTabs({ chatId });
        refresh();
      });
    },
    [refresh, leave, menu],
  );
  const { gone } = state;
  const actions = useMemo<ChatActions>(
    () => ({
      rename: (chat) =>
        open(
          chat,
          import('~/layout/dialogs/rename-dialog.tsx').then(({ RenameDialog }) => RenameDialog),
        ),
      instructions: (chat) =>
        open(
          chat,
          import('~/layout/dialogs/instructions-dialog.tsx').then(({ InstructionsDialog }) => InstructionsDialog),
        ),
      remove,
      change,
      gone,
      left,
      leave,
    }),
    [open, remove, change, gone, left, leave],
  );
  const close = () => setDialog(null);
  const { online } = useConnectivity();
  const otherProblem = problem === menu.deleteOffline && online ? null : problem;
  const failed = failure === 'asked' ? menu.deleteKept : failure ? menu.deleteFailed : otherProblem;
  const undoDeletion = () => {
    deletions.undo();
    openAgain();
  };
  const undo =
    undoableId !== null
      ? { text: isReopened && undoableId === openChatId ? menu.deleting : deleted, run: undoDeletion }
      : failed === null && undoArchiving
        ? { text: menu.archivedNow, run: () => change(undoArchiving.chat, { archived: false }) }
        : null;
  return (
    <ChatActionsContext.Provider value={actions}>
      {children}
      {dialog && <dialog.Shown chat={dialog.chat} onClose={close} />}
      <UndoNotice
        undo={otherProblem === null ? undo : null}
        problem={failed}
        onDismiss={() => {
          deletions.dismiss();
          setProblem(null);
        }}
      />
    </ChatActionsContext.Provider>
  );
}
