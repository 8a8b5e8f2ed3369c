import type { MessagePart } from '../../../../shared/chat/messages.ts';
import { useWords } from '~/words/words.ts';
import { textOf, valueText } from './value-text.ts';

/** A tool call: a closed `<details>` with its input and its result. */
export function ToolPart({ part }: { part: MessagePart }) {
  const name = part.type === 'dynamic-tool' ? textOf(part.toolName) : part.type.slice('tool-'.length);
  const { answer } = useWords();
  const states = new Map(Object.entries(answer.tool));
  const state = states.get(textOf(part.state)) ?? answer.tool['input-available'];
  const errorText = textOf(part.errorText);
  return (
    <details className="aside-part">
      <summary>
        <span>{inWords(name) || answer.anyTool}</span> <span className="text-muted">{`· ${state}`}</span>
      </summary>
      <Value label={answer.asked} value={part.input ?? part.inputText} />
      <Value label={answer.answered} value={part.output} />
      {errorText !== '' && <p className="text-danger">{errorText}</p>}
    </details>
  );
}

function Value({ label, value }: { label: string; value: unknown }) {
  if (value === undefined) return null;
  return (
    <figure className="code" dir="ltr">
      <figcaption>{label}</figcaption>
      <pre tabIndex={0} aria-label={label}>
        <code>{valueText(value)}</code>
      </pre>
    </figure>
  );
}

const MAX_NAME = 100;

/** `currentTime`, `current_time` → `Current time` */
function inWords(name: string): string {
  const words = name
    .slice(0, MAX_NAME)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .toLowerCase()
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
