/** A piece of a template's text: literal text, or the name of a blank (`{{name}}` in the text). */
export type Piece = { text: string } | { blank: string };

/** Blanks that Rejoin fills itself. The template declares no variables for them. */
const BUILT_IN_BLANKS = ['date', 'time', 'name'] as const;
export type BuiltInBlank = (typeof BUILT_IN_BLANKS)[number];
export const isBuiltIn = (name: string): name is BuiltInBlank => BUILT_IN_BLANKS.some((each) => each === name);

export const BLANK_NAME = /^[A-Za-z][A-Za-z0-9_]{0,31}$/;
export const BLANK_NAME_RULE = 'A name has 1 to 32 of A-Z a-z 0-9 _ and begins with a letter.';

const MAX_SHOWN_CHARS = 40;

/**
 * Takes a text apart at its blanks. Reads each character once.
 *
 *     'Dear {{ name }}, write \{{x}}.' → 'Dear ', blank name, ', write {{x}}.'
 *
 * `problem`: why the text cannot be used. Every `{{` without a backslash before it must begin a blank. So a mistyped blank is
 * refused, and not sent to the model as text.
 */
export function piecesOf(text: string): { pieces: Piece[]; problem: string | null } {
  const pieces: Piece[] = [];
  let plain = '';
  let at = 0;
  for (;;) {
    const open = text.indexOf('{{', at);
    if (open === -1) break;
    if (open > at && text[open - 1] === '\\') {
      plain += `${text.slice(at, open - 1)}{{`;
      at = open + 2;
      continue;
    }
    const close = text.indexOf('}}', open + 2);
    if (close === -1) return { pieces, problem: 'A "{{" is not closed by "}}". Write \\{{ for the characters {{.' };
    const name = text.slice(open + 2, close).trim();
    if (!BLANK_NAME.test(name)) {
      const shown = name.length > MAX_SHOWN_CHARS ? `${name.slice(0, MAX_SHOWN_CHARS)}…` : name;
      return { pieces, problem: `"{{${shown}}}" is not a blank. ${BLANK_NAME_RULE} Write \\{{ for the characters {{.` };
    }
    plain += text.slice(at, open);
    if (plain !== '') pieces.push({ text: plain });
    pieces.push({ blank: name });
    plain = '';
    at = close + 2;
  }
  plain += text.slice(at);
  if (plain !== '') pieces.push({ text: plain });
  return { pieces, problem: null };
}

/** The names of the blanks in all texts, each once, in order of appearance. A text is read only up to its first problem. */
export function blanksIn(...texts: readonly string[]): string[] {
  const names = texts.flatMap((text) =>
    piecesOf(text).pieces.flatMap((piece) => ('blank' in piece ? [piece.blank] : [])),
  );
  return [...new Set(names)];
}
