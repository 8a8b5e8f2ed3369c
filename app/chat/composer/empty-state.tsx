import { Link } from '@remix-run/react';
import { useRef } from 'react';
import { useBrowserLayoutEffect } from '~/hooks/use-browser-layout-effect.ts';
import { Icon } from '~/ui/icon.tsx';
import { useWords } from '~/words/words.ts';

interface EmptyStateProps {
  onPick: (prompt: string) => void;
  instructions: string;
  onInstructions: (instructions: string) => void;
  /** The instructions that were typed before a reload. */
  keptInstructions: () => string;
  temporary: boolean;
}

/** A new chat: a few example questions, and a field for instructions. */
export function EmptyState({ onPick, instructions, onInstructions, keptInstructions, temporary }: EmptyStateProps) {
  const { start, menu } = useWords();
  const fold = useRef<HTMLDetailsElement>(null);
  useBrowserLayoutEffect(() => {
    const kept = keptInstructions();
    if (kept === '' || !fold.current) return;
    onInstructions(kept);
    // Instructions must not be sent unseen.
    fold.current.open = true;
    // This runs only once, when the page appears.
  }, []);
  return (
    <div className="grid flex-1 content-center gap-6 pb-8">
      <div className="grid gap-1">
        <h2 className="text-2xl font-semibold tracking-tight">{start.heading}</h2>
        <p className="text-muted text-pretty">{start.text}</p>
      </div>
      <ul className="grid gap-2 sm:grid-cols-2">
        {start.prompts.map((prompt) => (
          <li key={prompt} className="grid">
            {/* Without JavaScript, the button submits the composer's form, so the question is sent at once. */}
            <button
              className="button justify-start px-4 py-3 text-start text-sm leading-snug"
              form="composer"
              name="prompt"
              value={prompt}
              formNoValidate
              onClick={(event) => {
                event.preventDefault();
                onPick(prompt);
              }}
            >
              {prompt}
            </button>
          </li>
        ))}
      </ul>
      {temporary ? (
        <p className="notice flex flex-wrap items-center gap-x-3 gap-y-1">
          <Icon name="clock" /> <span className="min-w-0 flex-1">{start.temporaryOn}</span>
          <Link className="link" to="/">
            {start.temporaryLeave}
          </Link>
        </p>
      ) : (
        <Link className="icon-button text-muted -ms-1 justify-self-start text-sm" to="/?temporary=1">
          <Icon name="clock" /> {start.temporary}
        </Link>
      )}
      <details ref={fold} className="fold text-sm">
        <summary className="text-muted">
          <Icon name="chevron" size={16} /> {menu.instructionsLabel}
        </summary>
        <textarea
          className="field mt-2"
          form="composer"
          name="instructions"
          rows={3}
          maxLength={32_768}
          dir="auto"
          value={instructions}
          onChange={(event) => onInstructions(event.target.value)}
          aria-label={menu.instructionsLabel}
          placeholder={menu.instructionsPlaceholder}
        />
      </details>
    </div>
  );
}
