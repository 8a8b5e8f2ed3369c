/**
 * Which stream a person follows in a chat, kept over a reload. Only ids: a position is worth nothing without the text
 * that it reaches, so after a reload a stream is read from what the server rendered or from its beginning.
 */
export interface StreamStorage {
  remember(scope: StreamScope, streamId: string): void;
  recall(scope: StreamScope): string | null;
  /** `streamId`: only if that one is still remembered. */
  forget(scope: StreamScope, streamId?: string): void;
}

export interface StreamScope {
  userId: string;
  /** The chat, or whatever else tells one use of the hook on a page from another. */
  chatId: string;
}

const keyOf = ({ userId, chatId }: StreamScope): string => `rejoin:stream:${userId}:${chatId}`;

/** `area`: usually `localStorage`. One that is missing, full or forbidden is as good as an empty one. */
export function createStreamStorage(area: () => Storage): StreamStorage {
  const safely = <T>(access: (storage: Storage) => T): T | null => {
    try {
      return access(area());
    } catch {
      // Private windows, full disks and policies: nothing is remembered then, and everything else works.
      return null;
    }
  };
  return {
    remember: (scope, streamId) => void safely((storage) => storage.setItem(keyOf(scope), streamId)),
    recall: (scope) => safely((storage) => storage.getItem(keyOf(scope))),
    forget: (scope, streamId) =>
      void safely((storage) => {
        if (streamId === undefined || storage.getItem(keyOf(scope)) === streamId) storage.removeItem(keyOf(scope));
      }),
  };
}
