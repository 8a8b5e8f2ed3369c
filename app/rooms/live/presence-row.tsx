import { Link } from '@remix-run/react';
import type { MouseEvent } from 'react';
import type { Present, Room } from '../../../shared/chat/rooms.ts';
import { isForNewTab } from '~/ui/browser/for-new-tab.ts';
import { Icon } from '~/ui/icon.tsx';
import { fill, useWords } from '~/words/words.ts';
import { Avatar } from '~/rooms/avatar.tsx';

interface PresenceRowProps {
  chatId: string;
  room: Room;
  here: readonly Present[];
  /** Opens the list of people as a dialog. Without JavaScript, the link leads to a page with the same list. */
  onOpen: () => void;
}

const SHOWN = 3;

/** The other people who look at the room, as initials. Links to the list of people. */
export function PresenceRow({ chatId, room, here, onOpen }: PresenceRowProps) {
  const { people, language } = useWords();
  const others = here.filter(({ userId }) => userId !== room.userId);
  const names = new Intl.ListFormat(language, { type: 'unit' }).format(others.map(({ name }) => name));
  const said = [fill(people.count, { count: room.people }), names === '' ? '' : fill(people.here, { names })];
  const title = said.filter(Boolean).join('. ');
  const open = (event: MouseEvent) => {
    if (isForNewTab(event)) return;
    event.preventDefault();
    onOpen();
  };
  return (
    <Link to={`/chat/${encodeURIComponent(chatId)}/people`} className="presence" title={title} onClick={open}>
      <span className="sr-only">{title}</span>
      <span className="avatars" aria-hidden="true">
        {others.slice(0, SHOWN).map(({ userId, name }) => (
          <Avatar key={userId} userId={userId} name={name} />
        ))}
        {others.length > SHOWN && <span className="avatar">+{others.length - SHOWN}</span>}
      </span>
      <span className="badge" aria-hidden="true">
        <Icon name="people" size={15} /> {room.people}
      </span>
    </Link>
  );
}
