/**
 * The end of the error message of `JSON.parse`, which quotes the invalid text: `, \"Sorry, I c\"... is not valid JSON`. A log line is
 * JSON, so the quotation marks in the message are escaped.
 */
const QUOTED_JSON = /, (?:\.\.\.)?\\"(?:[^"\\]|\\.)*? is not valid JSON/g;

/** Removes from a log line the text that `JSON.parse` quotes in its error message. The quoted text may be part of a prompt or an answer. */
export const withoutQuotedJson = (line: string): string => line.replace(QUOTED_JSON, ': not valid JSON');
