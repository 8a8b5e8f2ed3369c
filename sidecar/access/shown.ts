import type { Chat, ChatSummary } from '../../shared/chat/chat.ts';
import type { ChatAccess } from './access.ts';

/** The response, with its chat named as in the request: by its id, or as `~<roomId>`. */
export const named = <Answer extends { chatId: string }>({ ref }: Pick<ChatAccess, 'ref'>, answer: Answer): Answer => ({
  ...answer,
  chatId: ref,
});

export const shownSummary = (access: ChatAccess, summary: ChatSummary): ChatSummary => named(access, summary);

/**
 * A chat as its reader sees it. Members do not see where the chat was forked from, which forks the owner has made of it, or whether
 * the owner pinned or archived it. `room` has the reader's own user id, name and role.
 */
export function shownChat(access: ChatAccess, chat: Chat): Chat {
  const { member } = access;
  const shown: Chat = { ...named(access, chat), stream: chat.stream && named(access, chat.stream) };
  if (member === null) return shown;
  const { userId, name, role } = member;
  return {
    ...shown,
    pinned: false,
    archived: false,
    from: null,
    forks: [],
    room: chat.room && { ...chat.room, userId, name, role },
  };
}
