/** What a person is told of a problem: what happened, and what can be done about it. */
export function problemText({
  code,
  title,
  detail,
}: {
  code: string | null;
  title: string;
  detail?: string | null;
}): string {
  if (!detail) return title;
  // There the title speaks of the request, which a person has not seen.
  return code === 'invalid_request' ? detail : `${title} ${detail}`;
}
