import { useEffect, useState } from 'react';
import { useWords } from '~/words/words.ts';
import { Icon } from './icon.tsx';

const SAID_MS = 1500;

/** Copies `text`. Hidden without JavaScript. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const { common } = useWords();
  const [outcome, setOutcome] = useState<'copied' | 'failed' | null>(null);
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(null), SAID_MS);
    return () => clearTimeout(timer);
  }, [outcome]);

  const copy = () =>
    copyText(text).then(
      () => setOutcome('copied'),
      () => setOutcome('failed'),
    );
  const said = outcome === 'copied' ? common.copied : outcome === 'failed' ? common.copyFailed : label;
  return (
    <button type="button" className="icon-button needs-script" onClick={() => void copy()} title={said}>
      <Icon name={outcome === 'copied' ? 'check' : 'copy'} />
      <span className="sr-only" aria-live="polite">
        {said}
      </span>
    </button>
  );
}

async function copyText(text: string): Promise<void> {
  // Only secure pages have the clipboard API.
  if (!navigator.clipboard) throw new Error('This browser offers no clipboard here.');
  await navigator.clipboard.writeText(text);
}
