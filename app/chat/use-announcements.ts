import { useEffect, useMemo, useRef } from 'react';
import type { Chat } from '../../shared/chat/chat.ts';
import { announce } from '~/ui/announcer.tsx';
import { useConnectivity } from '~/ui/browser/connectivity.ts';
import { useWords } from '~/words/words.ts';
import { heardIn, sentencesAbout, type Scene } from './announcements.ts';
import type { Conversation } from './use-conversation.ts';
import { hasEnded } from './use-ending.ts';

interface Announced extends Pick<Conversation, 'writing' | 'ending' | 'sending'> {
  /** The chat as the server has rendered it, without older messages that this page has loaded; `null`: a new chat. */
  chat: Chat | null;
  leafId: string | null;
}

/**
 * The ids of answers that were announced as begun. They are kept outside the component, because the first question of a new chat
 * leads to `/chat/<id>`, where another component is mounted.
 */
const begun = new Set<string>();

/** Tells a screen reader what happens in a chat. The text of answers is not announced. */
export function useAnnouncements({ chat, leafId, writing, ending, sending }: Announced): void {
  const words = useWords();
  const { online } = useConnectivity();
  const heard = useMemo(() => (chat ? heardIn(chat, words) : []), [chat, words]);
  const scene: Omit<Scene, 'writing'> = {
    leafId,
    ending,
    role: chat?.room?.role ?? null,
    heard,
    waits: chat ? ownTurns(chat) : [],
    isHeld: chat !== null && chat.queue.paused && chat.queue.turns.length > 0,
    unsent: online ? 0 : sending.length,
  };
  const before = useRef<Scene | null>(null);
  useEffect(() => {
    const isNew = writing !== null && !begun.has(writing) && !hasEnded(writing);
    if (isNew) begun.add(writing);
    const after = { ...scene, writing: isNew ? writing : (before.current?.writing ?? null) };
    // The first run of this effect can announce only that an answer is being written.
    announce(...sentencesAbout(before.current ?? { ...after, writing: null }, after, words));
    before.current = after;
  });
}

/** The waiting questions of the person at this page. A question without `by` is the owner's: the chat was no room yet. */
const ownTurns = ({ room, queue }: Chat) =>
  queue.turns
    .filter(({ by }) => !room || (by ? by.userId === room.userId : room.role === 'owner'))
    .map(({ messageId, place }) => ({ id: messageId, place }));
