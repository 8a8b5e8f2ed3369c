import { useEffect } from 'react';

/** The room that was shown last on this page. Only in a browser. */
let shown: string | null = null;

/** Called while a page of a room is shown, so that its loss can be told from an address that never worked. */
export function useShownRoom(chatId: string, isRoom: boolean): void {
  useEffect(() => void (shown = isRoom ? chatId : null), [chatId, isRoom]);
}

export const wasShown = (chatId: string): boolean => shown === chatId;
