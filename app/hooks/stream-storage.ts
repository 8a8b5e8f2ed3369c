/**
 * Remembers across a reload which stream a person follows in a chat. It stores only ids: a position is of no use without
 * the text up to it. So after a reload, a stream is read from the server's render or from its beginning.
 */
export interface StreamStorage {
  remember(scope: StreamScope, streamId: string): void;
  recall(scope: StreamScope): string | null;
  /** If `streamId` is given, forgets only this stream: another one that was remembered since stays. */
  forget(scope: StreamScope, streamId?: string): void;
}

export interface StreamScope {
  userId: string;
  /** The chat, or another name that tells uses of the hook on one page apart. */
  chatId: string;
}

const ID = /^[\w-]{1,128}$/;
const keyOf = ({ userId, chatId }: StreamScope): string => `rejoin:stream:${userId}:${chatId}`;

/** `area`: usually `localStorage`. If it is missing, full or forbidden, nothing is remembered. */
export function createStreamStorage(area: () => Storage): StreamStorage {
  const safely = <T>(access: (storage: Storage) => T): T | null => {
    try {
      return access(area());
    } catch {
      return null;
    }
  };
  return {
    remember: (scope, streamId) => void safely((storage) => storage.setItem(keyOf(scope), streamId)),
    recall: (scope) =>
      safely((storage) => {
        const found = storage.getItem(keyOf(scope));
        // Anyone with this browser can write there, so a value that is not an id is ignored.
        return found !== null && ID.test(found) ? found : null;
      }),
    forget: (scope, streamId) =>
      void safely((storage) => {
        if (streamId === undefined || storage.getItem(keyOf(scope)) === streamId) storage.removeItem(keyOf(scope));
      }),
  };
}
