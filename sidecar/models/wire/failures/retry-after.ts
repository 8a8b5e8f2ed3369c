import { isRecord, own, stringIn, type JsonRecord } from '../body/json.ts';

type Headers = Record<string, string | undefined>;

/**
 * How long a server asks to wait, in milliseconds. It may say so in a header, or in a field or a sentence of the body.
 *
 *     retry-after: 7          retry-after: Thu, 01 Jan 2026 00:00:50 GMT      retry-after-ms: 7000
 *     {"retryDelay": "33s"}   "Please try again in 1m12.5s."                  x-ratelimit-reset-requests: 6m0s
 */
export function waitIn(headers: Headers, { inBody, texts, nowMs }: { inBody?: number; texts: string; nowMs: number }) {
  return (
    parsed(headers['retry-after-ms'], nowMs, 'ms') ??
    parsed(longestOf(headers['retry-after']), nowMs) ??
    inBody ??
    waitInText(texts) ??
    resetIn(headers, nowMs)
  );
}

/** A header that was sent twice arrives as one text, `5, 30`. Returns the largest number; any other text stays as it is. */
function longestOf(header: string | undefined): string | undefined {
  const parts = header?.split(',').map((part) => part.trim()) ?? [];
  if (parts.length < 2 || !parts.every((part) => /^\d{1,9}(\.\d{1,9})?$/.test(part))) return header;
  return String(Math.max(...parts.map(Number)));
}

/** The wait in the fields of one record of a body, in milliseconds. */
export function waitInRecord(record: JsonRecord, nowMs: number): number | undefined {
  for (const [name, unit] of FIELDS) {
    const given = own(record, name);
    const ms = parsed(typeof given === 'number' ? String(given) : stringIn(record, name), nowMs, unit);
    if (ms !== undefined) return ms;
  }
  // OpenRouter puts the headers of the server behind it into the body.
  const given = own(record, 'headers');
  if (!isRecord(given)) return undefined;
  const headers = Object.entries(given).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return waitIn(Object.fromEntries(headers) as Headers, { texts: '', nowMs });
}

const FIELDS: readonly [name: string, unit: 's' | 'ms'][] = [
  ['retryDelay', 's'],
  ['retry_after', 's'],
  ['retryAfter', 's'],
  ['retry_after_seconds', 's'],
  ['retry_after_ms', 'ms'],
  ['estimated_time', 's'],
];

/** `Please try again in 1m12.5s`, `retry after 6 seconds`, `will reset after 2 minutes and 30 seconds` */
const IN_TEXT =
  /(?:(?:try again|retry|(?:please|must) wait|resets?)(?:ing)?(?: again)?(?: for| in| after)?:?|(?:wait|available)(?:ing)?(?: again)? (?:for|in|after):?|\bin(?= \d+ Sekunden)|在(?= ?\d+ ?秒)) ?((?:\d[\d.]{0,18} ?(?:[a-z]{1,12}|秒)(?:,? and |, | )?){1,4})/i;

/** The words after a duration may look like a part of it, so the longest beginning that is a duration counts. */
function waitInText(text: string): number | undefined {
  const found = IN_TEXT.exec(text)?.[1] ?? '';
  const parts = found.match(/\d[\d.]{0,18} ?(?:[a-z]{1,12}|秒)/gi) ?? [];
  for (let count = parts.length; count > 0; count -= 1) {
    const ms = durationOf(parts.slice(0, count).join(''));
    if (ms !== undefined) return ms;
  }
  return undefined;
}

/** How long until all used-up limits are reset, in milliseconds. */
function resetIn(headers: Headers, nowMs: number): number | undefined {
  const waits = LIMITS.flatMap(([reset, remaining]) => {
    const left = headers[remaining]?.trim();
    const isUsedUp = left === undefined ? !/-reset-(requests|tokens)/.test(reset) : /^0(\.0+)?$/.test(left);
    const ms = isUsedUp ? parsed(headers[reset], nowMs) : undefined;
    return ms === undefined ? [] : [ms];
  });
  const inOne = /(?:\breset=|;\s?t=)(\d{1,9})/.exec(headers.ratelimit ?? '')?.[1];
  const left = /(?:\bremaining=|;\s?r=)(\d{1,9})/.exec(headers.ratelimit ?? '')?.[1];
  if (inOne !== undefined && (left === undefined || Number(left) === 0)) waits.push(Number(inOne) * 1000);
  return waits.length === 0 ? undefined : Math.max(...waits);
}

const LIMITS: readonly [reset: string, remaining: string][] = [
  ['x-ratelimit-reset-requests', 'x-ratelimit-remaining-requests'],
  ['x-ratelimit-reset-tokens', 'x-ratelimit-remaining-tokens'],
  ['anthropic-ratelimit-requests-reset', 'anthropic-ratelimit-requests-remaining'],
  ['anthropic-ratelimit-tokens-reset', 'anthropic-ratelimit-tokens-remaining'],
  ['x-ratelimit-reset', 'x-ratelimit-remaining'],
  ['x-ratelimit-reset-after', 'x-ratelimit-remaining'],
  ['ratelimit-reset', 'ratelimit-remaining'],
];

/** The wait in a number, a duration or a date. A number too large for a wait is a Unix time in seconds or milliseconds. */
function parsed(given: string | undefined, nowMs: number, unit: 's' | 'ms' = 's'): number | undefined {
  const text = given?.trim().slice(0, 100);
  if (!text) return undefined;
  if (/^\d{1,15}(\.\d{1,15})?$/.test(text)) {
    const number = Number(text);
    if (number >= 1e12) return Math.max(0, number - nowMs);
    if (number >= 1e9) return Math.max(0, number * 1000 - nowMs);
    return Math.round(unit === 's' ? number * 1000 : number);
  }
  const duration = durationOf(text);
  if (duration !== undefined) return duration;
  const at = /\d:\d/.test(text) ? Date.parse(text) : NaN;
  return Number.isFinite(at) ? Math.max(0, at - nowMs) : undefined;
}

const UNITS_MS: readonly [RegExp, number][] = [
  [/^(ms|milliseconds?)$/i, 1],
  [/^(s|secs?|seconds?|sekunden?|秒)$/i, 1000],
  [/^(m|mins?|minutes?)$/i, 60_000],
  [/^(h|hrs?|hours?)$/i, 3_600_000],
];

/** `1m12.5s`, `120ms`, `6 seconds` */
function durationOf(text: string): number | undefined {
  const bare = text.replace(/\.$/, '');
  if (!/^(\d{1,9}(\.\d{1,9})? ?(?:[a-z]{1,12}|秒)){1,4}$/i.test(bare)) return undefined;
  let ms = 0;
  for (const [, count, name] of bare.matchAll(/([\d.]{1,19}) ?([a-z]{1,12}|秒)/gi)) {
    const unit = UNITS_MS.find(([names]) => names.test(name!));
    if (unit === undefined) return undefined;
    ms += Number(count) * unit[1];
  }
  return Math.round(ms);
}
