import { useEffect, useState } from 'react';
import type { Waiting } from '../../../shared/stream/stream.ts';
import { fill, useWords, type Words } from '~/words/words.ts';

/** Shown instead of an answer while its question was not sent yet, because the browser is offline. */
export function UnsentNote() {
  const { thread } = useWords();
  return <p className="text-muted text-sm">{thread.queue.unsent}</p>;
}

/**
 * Three dots, shown while no text comes. If the server has sent a reason, a sentence next to the dots names the reason and the
 * seconds that have passed or are left. `hasBegun`: the answer has content already.
 */
export function WaitingNote({ waiting, hasBegun }: { waiting: Waiting | null; hasBegun: boolean }) {
  const { thread } = useWords();
  const seconds = useSeconds(waiting);
  return (
    <p className="waiting">
      <span className="sr-only">{thread.waiting}</span>
      <span aria-hidden="true" />
      <span aria-hidden="true" />
      <span aria-hidden="true" />
      {waiting && seconds !== null && (
        <span className="text-muted ms-1 text-sm">{describe(thread.waits, { ...waiting, hasBegun, seconds })}</span>
      )}
    </p>
  );
}

interface Described extends Waiting {
  hasBegun: boolean;
  seconds: number;
}

function describe(waits: Words['thread']['waits'], { reason, hasBegun, seconds }: Described): string {
  // When a model continues an answer, for example after a takeover, the server waits for a first word again.
  if (reason === 'first-word' && hasBegun) return fill(waits.continued, { seconds });
  const sentence = Object.hasOwn(waits, reason) ? waits[reason] : waits['next-word'];
  return fill(sentence, { seconds });
}

/**
 * The seconds until the provider is asked again, if the server has sent that time; otherwise the seconds since the wait began.
 * `null` in the first render, which must be the same on the server and in the browser.
 */
function useSeconds(waiting: Waiting | null): number | null {
  const [now, setNow] = useState<number | null>(null);
  useEffect(() => {
    if (!waiting) return setNow(null);
    const look = () => setNow(Date.now());
    look();
    const timer = setInterval(look, 1000);
    return () => clearInterval(timer);
  }, [waiting]);
  if (!waiting || now === null) return null;
  const ms = waiting.until === undefined ? now - Date.parse(waiting.since) : Date.parse(waiting.until) - now;
  return Math.max(0, Math.round(ms / 1000)) || 0;
}
