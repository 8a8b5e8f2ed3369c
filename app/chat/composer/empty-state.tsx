const PROMPTS = [
  'Explain how a resumable stream works, with a small diagram in text',
  'Write a TypeScript function that retries with backoff and jitter',
  'Compare three ways to keep a houseplant alive while travelling',
  'What time is it in Tokyo, and when is the best time to call someone there?',
];

interface EmptyStateProps {
  onPick: (prompt: string) => void;
  instructions: string;
  onInstructions: (instructions: string) => void;
}

/** What a new chat shows: a few questions to begin with, and instructions for those who want some. */
export function EmptyState({ onPick, instructions, onInstructions }: EmptyStateProps) {
  return (
    <div className="grid flex-1 content-center gap-6 pb-8">
      <div className="grid gap-1">
        <h2 className="text-2xl font-semibold tracking-tight">What is on your mind?</h2>
        <p className="text-muted text-pretty">
          Answers go on while you are away: reload, close the page, come back later.
        </p>
      </div>
      <ul className="grid gap-2 sm:grid-cols-2">
        {PROMPTS.map((prompt) => (
          <li key={prompt} className="grid">
            {/* Without a script it sends at once, as a form of the composer. */}
            <button
              className="button justify-start px-4 py-3 text-left text-sm leading-snug"
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
      <details className="text-sm">
        <summary className="text-muted w-fit cursor-pointer">Instructions for this chat</summary>
        <textarea
          className="field mt-2"
          form="composer"
          name="instructions"
          rows={3}
          maxLength={32_768}
          dir="auto"
          value={instructions}
          onChange={(event) => onInstructions(event.target.value)}
          aria-label="Instructions for this chat"
          placeholder="How should it answer? For example: briefly, in French, with sources."
        />
      </details>
    </div>
  );
}
