import type { MessagePart } from '../../../shared/messages.ts';

/** A tool that the model used: what it was asked and what it answered, folded. */
export function ToolPart({ part }: { part: MessagePart }) {
  const name = part.type === 'dynamic-tool' ? String(part.toolName) : part.type.slice('tool-'.length);
  return (
    <details className="aside-part">
      <summary>
        {inWords(name)} <span className="text-muted">· {STATES[String(part.state)] ?? 'running'}</span>
      </summary>
      <Value label="Asked" value={part.input ?? part.inputText} />
      <Value label="Answered" value={part.output} />
      {part.errorText !== undefined && <p className="text-danger">{String(part.errorText)}</p>}
    </details>
  );
}

const STATES: Record<string, string> = {
  'input-streaming': 'being asked',
  'input-available': 'running',
  'output-available': 'done',
  'output-error': 'failed',
};

function Value({ label, value }: { label: string; value: unknown }) {
  if (value === undefined) return null;
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return (
    <figure className="code" dir="ltr">
      <figcaption>{label}</figcaption>
      <pre tabIndex={0} aria-label={label}>
        <code>{text}</code>
      </pre>
    </figure>
  );
}

/** `currentTime`, `current_time` → `Current time` */
function inWords(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .toLowerCase()
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
