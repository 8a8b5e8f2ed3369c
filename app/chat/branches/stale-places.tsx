import type { MouseEvent } from 'react';
import type { SendOptions } from '~/chat/use-conversation.ts';
import { useWords } from '~/words/words.ts';

interface StalePlacesProps {
  problem: { code: string | null } | null;
  /** Called with the place before the form of the composer, or of a template, is submitted, and with `undefined` afterwards. */
  onChoose: (place: SendOptions['place']) => void;
}

/** Buttons for a question that was refused because the chat has gone on elsewhere: send it at the end, or as a version. */
export function StalePlaces({ problem, onChoose }: StalePlacesProps) {
  const { thread } = useWords();
  if (problem?.code !== 'stale_parent') return null;
  const send = (event: MouseEvent<HTMLButtonElement>, place: SendOptions['place']) => {
    event.preventDefault();
    onChoose(place);
    event.currentTarget.form?.requestSubmit();
    // If a field is empty, nothing is sent. Then the choice must not apply to the next question.
    onChoose(undefined);
  };
  const button = (place: 'end' | 'version', text: string) => (
    <button className="button" form="composer" onClick={(event) => send(event, place)}>
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
