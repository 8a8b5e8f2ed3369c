const WORDS = new Set(
  'admin analytics.json api assets active cancel chat chats claim cleanup copy events export healthz invites join live manage members messages models people plain presence read readyz resume rooms s say settings share shares sign-in start status stream streams.json'.split(
    ' ',
  ),
);
/** Path segments that are followed by an id. */
const BEFORE_ID = new Set(['cancel', 'chat', 'chats', 'live', 'resume', 'status']);
/** `~` marks the id of a room. */
const ID = /^~?[\w-]{1,128}$/;
const MAX_SEGMENTS = 8;

/** Beginnings of paths that are followed by the secret of a public page or of an invite. */
const BEFORE_SECRET = /^\/(?:s|join|api\/shares)\//;

/**
 * A path for a log that this app does not write itself, such as the log of remix-serve. If the path
 * contains a secret, the result is that of `loggedPath`. Otherwise the path stays unchanged.
 *
 *     /s/x7Qp…        /s/…
 *     /search/words   /search/words
 */
export const withoutSecret = (path: string): string => (BEFORE_SECRET.test(path) ? loggedPath(path) : path);

/**
 * A request's path in a form that is safe to log: only ids, and the words of our own routes. Everything else may contain
 * private text, so it becomes `…`. The query is left out.
 *
 *     /chat/c1/export?format=md   /chat/c1/export
 *     /search/my%20question       /…/…
 *     /s/x7Qp…                    /s/…
 */
export function loggedPath(url = '/'): string {
  const segments = url
    .split('?', 1)[0]!
    .split('/')
    .slice(1, MAX_SEGMENTS + 1);
  const shown = segments.map((segment, index) => {
    const word = segment.replace(/\.data$/, '');
    const isKnown = segment === '' || WORDS.has(word) || (BEFORE_ID.has(segments[index - 1] ?? '') && ID.test(word));
    return isKnown ? segment : '…';
  });
  return `/${shown.join('/')}`;
}
