import { answerErrorSentence, fill, useWords, type Words } from '~/words/words.ts';
import type { Ending } from './use-conversation.ts';

/** Makes a screen reader say when an answer begins and how it ended. It does not read the text of the answer aloud. */
export function EndingStatus({ running, ending }: { running: boolean; ending: Ending | null }) {
  const words = useWords();
  return (
    <p className="sr-only" role="status">
      {running ? words.status.running : ending ? describe(words, ending) : ''}
    </p>
  );
}

function describe(words: Words, { how, reason }: Ending): string {
  const { status } = words;
  switch (how) {
    case 'complete':
      return status.complete;
    case 'stopped':
      return status.stopped;
    case 'cut-off':
      return status.cutOff;
    case 'failed':
      return fill(status.failed, { reason: reason ? answerErrorSentence(words, reason.code, reason.text) : '' }).trim();
  }
}
