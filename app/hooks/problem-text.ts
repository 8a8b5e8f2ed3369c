/** The text of a problem for people: what happened, and what they can do. */
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
  // The title of this error is about the HTTP request, which people do not see.
  return code === 'invalid_request' ? detail : `${title} ${detail}`;
}
