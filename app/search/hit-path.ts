import type { Hit } from '../../shared/chat/search.ts';

/** The path of a hit, relative to `/chat/`: its message, on the branch that contains it. */
export function hitPath({ chatId, message }: Hit): string {
  const chat = encodeURIComponent(chatId);
  return message ? `${chat}?leaf=${encodeURIComponent(message.messageId)}#m-${message.messageId}` : chat;
}
