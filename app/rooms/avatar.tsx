/** The number of colours: `people.css` has one rule `.avatar[data-tone='…']` for each. */
const TONES = 6;

/** A person's initials, on a colour derived from the user id. Screen readers skip the initials, so put the name beside them. */
export function Avatar({ userId, name }: { userId: string; name: string }) {
  return (
    <span className="avatar" data-tone={toneOf(userId)} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}

/** `Ana María López` → `AL`, `ana` → `A` */
export function initialsOf(name: string): string {
  const words = name.split(' ').filter((word) => /[\p{L}\p{N}]/u.test(word));
  // Unlike `toLocaleUpperCase`, `toUpperCase` does not depend on the language. `ß` becomes `SS`; only the first letter is kept.
  const first = (word: string | undefined) =>
    [...([...(word ?? '').replace(/^[^\p{L}\p{N}]{1,60}/u, '')][0] ?? '').toUpperCase()][0] ?? '';
  const initials = first(words[0]) + (words.length > 1 ? first(words.at(-1)) : '');
  return initials || '?';
}

function toneOf(userId: string): number {
  let sum = 0;
  for (const character of userId) sum = (sum * 31 + character.charCodeAt(0)) % 9973;
  return sum % TONES;
}
