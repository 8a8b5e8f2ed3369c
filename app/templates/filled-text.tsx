import { piecesOf } from '../../shared/templates/blanks.ts';
import type { Variable } from '../../shared/templates/content.ts';
import type { TemplateValues } from '../../shared/templates/filling.ts';

interface FilledTextProps {
  text: string;
  variables: readonly Variable[];
  values: TemplateValues;
}

/** A text with blanks as it would be sent. What fills a blank is marked; an empty blank shows its name. */
export function FilledText({ text, variables, values }: FilledTextProps) {
  const { pieces, problem } = piecesOf(text);
  const valueOf = (name: string): string => {
    const given = Object.hasOwn(values, name) ? values[name] : variables.find((each) => each.name === name)?.default;
    return String(given ?? '');
  };
  return (
    <div className="card mt-2 max-h-80 overflow-y-auto wrap-anywhere whitespace-pre-wrap" dir="auto" tabIndex={0}>
      {pieces.map((piece, index) =>
        'text' in piece ? piece.text : <mark key={index}>{valueOf(piece.blank) || `{{${piece.blank}}}`}</mark>,
      )}
      {problem !== null && <p className="text-muted mt-2">{problem}</p>}
    </div>
  );
}
