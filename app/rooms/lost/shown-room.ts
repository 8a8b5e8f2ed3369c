import { useEffect } from 'react';

/** The chat that was shown last, if it is a room. Always `null` on the server. */
let shown: string | null = null;

/** Remembers that a room was shown. A later 404 then means that the person was removed, and not that the URL is wrong. */
export function useShownRoom(chatId: string, isRoom: boolean): void {
  useEffect(() => void (shown = isRoom ? chatId : null), [chatId, isRoom]);
}

export const wasShown = (chatId: string): boolean => shown === chatId;
