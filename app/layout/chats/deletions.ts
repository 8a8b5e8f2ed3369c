import { useSyncExternalStore } from 'react';

export interface Deletions {
  /** Chats that are hidden, even if the server does not know about the deletion yet. */
  gone: ReadonlySet<string>;
  /** The deletion that can still be undone. */
  undoable: Deletion | null;
  /** Why the server did not delete a chat, which is therefore shown again. `null` if no deletion has failed. */
  failure: DeletionFailure | null;
}

/** `asked`: somebody asked something in the chat while the deletion could still be undone. */
export type DeletionFailure = 'asked' | 'failed';

/** A chat that a person deleted, and when (ms since 1970). */
export interface Deletion {
  chatId: string;
  at: number;
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
  resume(deletion: Deletion): void;
  dismiss(): void;
}

export interface DeletionEnvironment {
  /** Deletes the chat on the server. The request continues if the page is closed. */
  send(deletion: Deletion): Promise<'deleted' | DeletionFailure>;
  /** Calls `task` when the time for an undo is over. The returned function cancels the call. */
  whenUndoEnds(task: () => void): () => void;
  deleted(chatId: string): void;
}

/** Deletes chats in two steps: a chat is hidden at once, and deleted on the server when the time for an undo is over. */
export function createDeletions({ send, whenUndoEnds, deleted }: DeletionEnvironment): DeletionStore {
  let state: Deletions = { gone: new Set(), undoable: null, failure: null };
  let callOff: (() => void) | null = null;
  const listeners = new Set<() => void>();
  const change = (next: Partial<Deletions>) => {
    state = { ...state, ...next };
    for (const listener of listeners) listener();
  };
  const without = (chatId: string) => new Set([...state.gone].filter((id) => id !== chatId));

  function flush(): void {
    const deletion = state.undoable;
    if (deletion === null) return;
    callOff?.();
    callOff = null;
    change({ undoable: null });
    finish(deletion);
  }

  function finish(deletion: Deletion): void {
    const { chatId } = deletion;
    void send(deletion).then((result) => {
      if (result === 'deleted') deleted(chatId);
      else change({ gone: without(chatId), failure: result });
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
      change({ gone: new Set([...state.gone, chatId]), undoable: { chatId, at: Date.now() }, failure: null });
      callOff = whenUndoEnds(flush);
    },
    undo() {
      if (state.undoable === null) return;
      callOff?.();
      callOff = null;
      change({ gone: without(state.undoable.chatId), undoable: null });
    },
    flush,
    resume(deletion) {
      change({ gone: new Set([...state.gone, deletion.chatId]) });
      finish(deletion);
    },
    dismiss: () => change({ failure: null }),
  };
}

const NOTHING: Deletions = { gone: new Set(), undoable: null, failure: null };

export const useDeletions = (store: DeletionStore): Deletions =>
  useSyncExternalStore(store.subscribe, store.current, () => NOTHING);
