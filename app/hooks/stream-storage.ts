/**
 * Remembers across a reload which stream a person follows in a chat. Stores only the stream's id. A position would be of no
 * use, because the text before that position is lost in the reload. So after a reload, the hook reads on where the server's
 * render ends or, if the server rendered nothing, reads the stream from the beginning.
 */
export interface StreamStorage {
  remember(scope: StreamScope, streamId: string): void;
  recall(scope: StreamScope): string | null;
  /** If `streamId` is given, and another stream was remembered meanwhile, nothing is forgotten. */
  forget(scope: StreamScope, streamId?: string): void;
}

export interface StreamScope {
  userId: string;
  /** The id of the chat. If the hook was not given one: a name for the component's place on the page. */
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
        // Anyone who uses this browser can write into its storage, so a value that is not an id is ignored.
        return found !== null && ID.test(found) ? found : null;
      }),
    forget: (scope, streamId) =>
      void safely((storage) => {
        if (streamId === undefined || storage.getItem(keyOf(scope)) === streamId) storage.removeItem(keyOf(scope));
      }),
  };
}
