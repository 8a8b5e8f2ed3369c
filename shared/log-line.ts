/** How the message of a failed `JSON.parse` quotes its text, as part of a JSON string: `, \"Sorry, I c\"... is not valid JSON`. */
const QUOTED_JSON = /, (?:\.\.\.)?\\"(?:[^"\\]|\\.)*? is not valid JSON/g;

/** Removes from a log line the text that `JSON.parse` quotes in its error. That text may be part of a prompt or an answer. */
export const withoutQuotedJson = (line: string): string => line.replace(QUOTED_JSON, ': not valid JSON');
