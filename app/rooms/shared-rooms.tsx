import { Link, useParams } from '@remix-run/react';
import type { RoomSummary } from '../../shared/chat/rooms.ts';
import { roomIdRef } from './room-ref.ts';
import { fill, useWords } from '~/words/words.ts';

/** The section of the sidebar for rooms that others own. */
export function SharedRooms({ rooms }: { rooms: RoomSummary[] }) {
  const { people, shell } = useWords();
  const { chatId: openChatId } = useParams();
  if (rooms.length === 0) return null;
  return (
    <section aria-label={people.shared} className="mb-3">
      <h2 className="text-muted px-2 py-1 text-xs font-medium">{people.shared}</h2>
      <ul>
        {rooms.map(({ roomId, title, owner, isActive }) => {
          const chatId = roomIdRef(roomId);
          const isOpen = chatId === openChatId;
          return (
            <li key={roomId} className="chat-row text-sm" data-current={isOpen || undefined}>
              <Link
                to={`/chat/${chatId}`}
                aria-current={isOpen ? 'page' : undefined}
                title={fill(people.sharedBy, { name: owner })}
              >
                <span className="title" dir="auto">
                  {title}
                </span>
                {isActive && (
                  <>
                    <span className="mark running" aria-hidden="true" />
                    <span className="sr-only">{shell.running}</span>
                  </>
                )}
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
