import type { Hit, Marked } from '../../shared/chat/search.ts';
import { useWords } from '~/words/words.ts';

/** The title of a chat, when it last changed, and the line of the message that contains the words. */
export function HitText({ hit }: { hit: Hit }) {
  const { menu, language } = useWords();
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });
  return (
    <>
      <span className="hit-title" dir="auto">
        <MarkedText {...hit.title} />
        {hit.archived && <span className="badge">{menu.archived}</span>}
        <time className="hit-date" dateTime={hit.updatedAt}>
          {date.format(new Date(hit.updatedAt))}
        </time>
      </span>
      {hit.message && (
        <span className="hit-line" dir="auto">
          <MarkedText {...hit.message.line} />
        </span>
      )}
    </>
  );
}

function MarkedText({ text, marks }: Marked) {
  const ends = [0, ...marks.map(({ to }) => to)];
  return (
    <span>
      {marks.map(({ from, to }, i) => (
        <span key={from}>
          {text.slice(ends[i], from)}
          <mark>{text.slice(from, to)}</mark>
        </span>
      ))}
      {text.slice(ends.at(-1))}
    </span>
  );
}
