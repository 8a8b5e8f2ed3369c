import type { SendOptions } from '~/chat/use-conversation.ts';
import { useWords } from '~/words/words.ts';

interface StalePlacesProps {
  problem: { code: string | null } | null;
  /** Called before the composer's form is submitted. */
  onChoose: (place: SendOptions['place']) => void;
}

/** Where a question can go that was refused because the chat has gone on elsewhere. */
export function StalePlaces({ problem, onChoose }: StalePlacesProps) {
  const { thread } = useWords();
  if (problem?.code !== 'stale_parent') return null;
  const button = (place: 'end' | 'version', text: string) => (
    <button className="button" form="composer" onClick={() => onChoose(place)}>
      {text}
    </button>
  );
  return (
    <p className="flex flex-wrap gap-2">
      {button('end', thread.sendAtEnd)}
      {button('version', thread.sendAsVersion)}
    </p>
  );
}
