import type { Hit } from '../../shared/search.ts';

/** Where a hit is opened, below `/chat/`: at its message, on the branch in which it stands. */
export function hitPath({ chatId, message }: Hit): string {
  const chat = encodeURIComponent(chatId);
  return message ? `${chat}?leaf=${encodeURIComponent(message.messageId)}#m-${message.messageId}` : chat;
}
