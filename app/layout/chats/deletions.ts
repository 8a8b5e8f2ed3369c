import { useSyncExternalStore } from 'react';

export interface Deletions {
  /** Chats that are hidden, even if the server does not know about the deletion yet. */
  gone: ReadonlySet<string>;
  /** The chat whose deletion can still be undone. */
  undoable: string | null;
  /** True if the last deletion failed on the server. The chat is shown again. */
  failed: boolean;
}

export interface DeletionStore {
  current(): Deletions;
  subscribe(listener: () => void): () => void;
  /** Hides the chat at once, and deletes it on the server when the time for an undo is over. */
  remove(chatId: string): void;
  undo(): void;
  /** Deletes the `undoable` chat on the server at once, for example because the person leaves the page. */
  flush(): void;
  /** Continues a deletion that the previous page started. */
  resume(chatId: string): void;
  dismiss(): void;
}

export interface DeletionEnvironment {
  /** Deletes the chat on the server. The request continues if the page is closed. */
  send(chatId: string): Promise<boolean>;
  /** Calls `task` when the time for an undo is over. The returned function cancels the call. */
  whenUndoEnds(task: () => void): () => void;
  deleted(chatId: string): void;
}

/** Deletes chats in two steps: a chat is hidden at once, and deleted on the server when the time for an undo is over. */
export function createDeletions({ send, whenUndoEnds, deleted }: DeletionEnvironment): DeletionStore {
  let state: Deletions = { gone: new Set(), undoable: null, failed: false };
  let callOff: (() => void) | null = null;
  const listeners = new Set<() => void>();
  const change = (next: Partial<Deletions>) => {
    state = { ...state, ...next };
    for (const listener of listeners) listener();
  };
  const without = (chatId: string) => new Set([...state.gone].filter((id) => id !== chatId));

  function flush(): void {
    const chatId = state.undoable;
    if (chatId === null) return;
    callOff?.();
    callOff = null;
    change({ undoable: null });
    finish(chatId);
  }

  function finish(chatId: string): void {
    void send(chatId).then((isDeleted) => {
      if (isDeleted) deleted(chatId);
      else change({ gone: without(chatId), failed: true });
    });
  }

  return {
    current: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    remove(chatId) {
      flush();
      change({ gone: new Set([...state.gone, chatId]), undoable: chatId, failed: false });
      callOff = whenUndoEnds(flush);
    },
    undo() {
      const chatId = state.undoable;
      if (chatId === null) return;
      callOff?.();
      callOff = null;
      change({ gone: without(chatId), undoable: null });
    },
    flush,
    resume(chatId) {
      change({ gone: new Set([...state.gone, chatId]) });
      finish(chatId);
    },
    dismiss: () => change({ failed: false }),
  };
}

const NOTHING: Deletions = { gone: new Set(), undoable: null, failed: false };

export const useDeletions = (store: DeletionStore): Deletions =>
  useSyncExternalStore(store.subscribe, store.current, () => NOTHING);
