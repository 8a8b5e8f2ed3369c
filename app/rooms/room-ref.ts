/** True for `~<roomId>`, which names a chat that somebody else owns. The ids of a person's own chats contain no `~`. */
export const isRoomRef = (chatId: string): boolean => chatId.startsWith('~');

export const peoplePath = (chatId: string): string => `/chat/${encodeURIComponent(chatId)}/people`;

export const roomIdRef = (roomId: string): string => `~${roomId}`;
