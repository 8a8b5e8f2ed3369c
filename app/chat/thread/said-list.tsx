import type { Chat } from '../../../shared/chat/chat.ts';
import { messageText } from '../../../shared/chat/message-text.ts';
import { fill, useWords } from '~/words/words.ts';

/** The messages that people say while the answer above is written. They join the conversation once that answer has ended. */
export function SaidList({ said, room }: Pick<Chat, 'said' | 'room'>) {
  const { common, people } = useWords();
  if (said.length === 0) return null;
  return (
    <ol>
      {said.map(({ by, ...message }) => {
        const isOwn = by === undefined || by.userId === room?.userId;
        // Without members nobody else can say anything, so the heading is for screen readers only.
        const author = isOwn ? (room ? people.youSaid : null) : fill(people.said, { name: by.name });
        return (
          <li key={message.id} id={`m-${message.id}`} className="turn question" tabIndex={-1}>
            <h2 className={author === null ? 'sr-only' : 'author'} dir="auto">
              {author ?? common.you}
            </h2>
            <div className="bubble" dir="auto">
              {messageText(message)}
            </div>
          </li>
        );
      })}
    </ol>
  );
}
