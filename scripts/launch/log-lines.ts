/** Severities of pino, by number. */
const LEVELS: Record<number, string> = { 40: 'warning: ', 50: 'error: ', 60: 'fatal: ' };
/** Fields that are not printed as `name=value`: they are part of the text, or of no use at a terminal. */
const HIDDEN = new Set(['level', 'time', 'pid', 'hostname', 'name', 'msg', 'event']);

/**
 * Formats a line of a service for a terminal: pino's JSON as text, and every line with the name of its service. `null` for
 * an empty or routine line.
 *
 *     {"level":40,"time":"2026-11-22T14:13:20.123Z","event":"redis.away","attempt":2}
 *     14:13:20 sidecar  warning: redis.away  attempt=2
 */
export function readableLine(service: string, line: string): string | null {
  if (line.trim() === '') return null;
  if (isRoutine(line)) return null;
  const entry = parseEntry(line);
  if (!entry) return `${service}  ${line}`;
  const time = new Date(entry.time).toTimeString().slice(0, 8);
  const said = [entry.event, entry.msg].filter((part) => typeof part === 'string').join(': ');
  const details = Object.entries(entry)
    .filter(([key]) => !HIDDEN.has(key))
    .map(([key, value]) => `  ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return `${time} ${service}  ${LEVELS[entry.level] ?? ''}${said}${details.join('')}`;
}

/** A JSON line of pino. Its time is a number of milliseconds or an ISO 8601 text. */
interface Entry {
  level: number;
  time: number | string;
  [field: string]: unknown;
}

function parseEntry(line: string): Entry | null {
  if (!line.startsWith('{')) return null;
  try {
    const value = JSON.parse(line) as Partial<Entry>;
    return typeof value.level === 'number' && value.time !== undefined ? (value as Entry) : null;
  } catch {
    return null;
  }
}

/**
 * True for the app's lines about requests without a 5xx status. Also true for the app's line `app.listening`, because the launcher
 * prints the address.
 */
export function isRoutine(line: string): boolean {
  const entry = parseEntry(line);
  if (entry?.name !== 'app') return false;
  return entry.event === 'app.listening' || (entry.event === 'request' && Number(entry.status) < 500);
}
