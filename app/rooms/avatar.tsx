/** As many as there are `.avatar[data-tone]` in the styles. */
const TONES = 6;

/** A person as initials on a colour that is always the same for them. The name has to stand beside it, or be said. */
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
  // Not the upper case of the browser's language, which can differ from that of the server. `ß` becomes `SS`: one stays.
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
