import type { MouseEvent } from 'react';
import type { SendOptions } from '~/chat/use-conversation.ts';
import { useWords } from '~/words/words.ts';

interface StalePlacesProps {
  problem: { code: string | null } | null;
  /** Called with the place just before the form with the id `composer` is submitted, and with `undefined` just after. */
  onChoose: (place: SendOptions['place']) => void;
}

/**
 * Two buttons for a question that was refused because another question already follows the same message. One button sends the
 * refused question to the end of the chat. The other button sends it as another version of the question that is already there.
 */
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
