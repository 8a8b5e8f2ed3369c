import { piecesOf } from '../../shared/templates/blanks.ts';
import type { Variable } from '../../shared/templates/content.ts';
import type { TemplateValues } from '../../shared/templates/filling.ts';
import { useWords } from '~/words/words.ts';
import { issueSentence } from './issue-sentence.ts';

interface FilledTextProps {
  text: string;
  variables: readonly Variable[];
  values: TemplateValues;
}

/** The preview shows at most this many characters, because a blank with a long value can occur thousands of times. */
const MAX_SHOWN_CHARS = 256 * 1024;

/** A text with filled blanks, as it would be sent. Values are marked. An empty blank shows its name. */
export function FilledText({ text, variables, values }: FilledTextProps) {
  const words = useWords();
  const { pieces, problem } = piecesOf(text);
  const valueOf = (name: string): string => {
    const given = Object.hasOwn(values, name) ? values[name] : variables.find((each) => each.name === name)?.default;
    return String(given ?? '');
  };
  const shown: { text: string; isBlank: boolean }[] = [];
  let left = MAX_SHOWN_CHARS;
  let isCut = false;
  for (const piece of pieces) {
    const isBlank = 'blank' in piece;
    const whole = isBlank ? valueOf(piece.blank) || `{{${piece.blank}}}` : piece.text;
    isCut = whole.length > left;
    shown.push({ text: whole.slice(0, left), isBlank });
    left -= whole.length;
    if (isCut) break;
  }
  return (
    <div className="card mt-2 max-h-80 overflow-y-auto wrap-anywhere whitespace-pre-wrap" dir="auto" tabIndex={0}>
      {shown.map(({ text: part, isBlank }, index) => (isBlank ? <mark key={index}>{part}</mark> : part))}
      {isCut && '…'}
      {problem !== null && <p className="text-muted mt-2">{issueSentence(words, problem)}</p>}
    </div>
  );
}
