import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Present, Room } from '../../../shared/chat/rooms.ts';
import { useRefresh } from '~/layout/refresh.tsx';
import { newId } from '~/ui/new-id.ts';
import type { FollowedRoom } from './follow-room.ts';

export interface RoomState {
  /** Everybody who looks at the room now, including the person of this page. */
  here: readonly Present[];
  /** The names of the others who are typing. */
  typing: readonly string[];
  /** Call this with the text of the composer whenever the text changes. */
  onTyped: (text: string) => void;
}

interface UseRoom {
  chatId: string;
  /** `null`: nobody was ever invited into the chat, so there is no feed to follow. */
  room: Room | null;
  /** The people who looked at the room when the page was rendered. */
  rendered: readonly Present[];
}

const LOAD_AGAIN_MS = 5_000;
const NOBODY: readonly string[] = [];

/** Follows a room: whenever something changes there, the page loads its data again. */
export function useRoom({ chatId, room, rendered }: UseRoom): RoomState {
  const refresh = useRefresh();
  const [here, setHere] = useState(rendered);
  const followed = useRef<FollowedRoom | null>(null);
  const roomId = room?.roomId ?? null;
  const version = useRef(0);
  version.current = room?.v ?? 0;
  useEffect(() => {
    if (roomId === null) return;
    let isOver = false;
    let timer: ReturnType<typeof setTimeout>;
    const onEnd = () =>
      setHere((before) =>
        before.some(({ typing }) => typing) ? before.map((person) => ({ ...person, typing: false })) : before,
      );
    const listener = { onChange: refresh, onRefused: refresh, onHere: setHere, onEnd };
    const load = () => {
      void Promise.all([import('./follow-room.ts'), import('~/rooms/lost/forget-room.ts')]).then(
        ([{ followRoom }]) => {
          if (isOver) return;
          followed.current = followRoom({ chatId, version: version.current, tab: newTab(), listener });
        },
        () => (timer = setTimeout(() => void load(), LOAD_AGAIN_MS)),
      );
    };
    load();
    return () => {
      isOver = true;
      clearTimeout(timer);
      followed.current?.close();
      followed.current = null;
    };
  }, [chatId, roomId, refresh]);

  const onTyped = useCallback((text: string) => {
    if (text === '') followed.current?.stoppedTyping();
    else followed.current?.typed();
  }, []);
  const self = room?.userId;
  const typing = useMemo(() => {
    const names = here.filter((person) => person.typing && person.userId !== self).map(({ name }) => name);
    return names.length === 0 ? NOBODY : names;
  }, [here, self]);
  return { here, typing, onTyped };
}

/** A new id for this page. The server accepts at most 32 characters. */
const newTab = (): string => newId().replaceAll('-', '').slice(0, 32);
