import { Form, Link, useNavigation } from '@remix-run/react';
import { Page } from '~/layout/page.tsx';
import type { Present } from '../../../shared/chat/rooms.ts';
import { fill, useWords } from '~/words/words.ts';
import { People } from './people.tsx';
import type { PeopleData, PeopleResult } from './people-page.server.ts';
import { useRoom } from '~/rooms/live/use-room.ts';
import { useShownRoom } from '~/rooms/lost/shown-room.ts';
import { peoplePath } from '~/rooms/room-ref.ts';

interface PeoplePageProps {
  data: PeopleData;
  result: (PeopleResult & { code?: string; message?: string }) | null | undefined;
}

const NOBODY: readonly Present[] = [];

/** The people of a chat as a page. With JavaScript, it loads its data again whenever something changes in the room. */
export function PeoplePage({ data, result }: PeoplePageProps) {
  const { people, menu } = useWords();
  const { chatId, room } = data;
  useRoom({ chatId, room, rendered: NOBODY });
  useShownRoom(chatId, room !== null);
  // The page is also busy while it loads its data again after a form: the old data lacks the invite that was just made.
  const busy = useNavigation().state !== 'idle';
  return (
    <Page
      back={
        <Link to={`/chat/${encodeURIComponent(chatId)}`} className="link px-2 text-sm">
          {menu.back}
        </Link>
      }
    >
      <div className="column grid gap-6 py-6">
        <h1 className="text-2xl font-semibold tracking-tight wrap-anywhere" dir="auto">
          {fill(people.of, { title: data.title })}
        </h1>
        <People
          key={chatId}
          data={data}
          forms={{ Form, action: peoplePath(chatId), busy, stays: false }}
          result={result}
        />
      </div>
    </Page>
  );
}
