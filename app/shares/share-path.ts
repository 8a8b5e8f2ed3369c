/** The page with the form that shares a chat. */
export const sharePath = (chatId: string): string => `/chat/${encodeURIComponent(chatId)}/share`;
