export type Unit = 'count' | 'ms' | 'bytes' | 'perSecond';

/** Formats a value for people. The text is the same in charts and tables, whatever the browser's language. */
export function formatFigure(value: number | null, unit: Unit): string {
  if (value === null) return '–';
  switch (unit) {
    case 'count':
      return value.toLocaleString('en', { maximumFractionDigits: 0 });
    case 'ms':
      return value < 999.5 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
    case 'bytes':
      return formatBytes(value);
    case 'perSecond':
      return `${value > 0 && value < 10 ? value.toFixed(1) : Math.round(value)}/s`;
  }
}

const PREFIXES = ['', 'k', 'M', 'G', 'T'];

function formatBytes(bytes: number): string {
  let value = bytes;
  let prefix = 0;
  // A value that would round to 1000 of one unit is shown as 1 of the next.
  while (value >= 999.5 && prefix < PREFIXES.length - 1) {
    value /= 1000;
    prefix += 1;
  }
  return `${prefix === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${PREFIXES[prefix]}B`;
}

/** How long something has been going on, in its two largest units: `2 h 5 min`. */
export function formatAge(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `38 %`; `–` if `whole` is 0. */
export const formatShare = (part: number, whole: number): string =>
  whole === 0 ? '–' : `${Math.round((100 * part) / whole)} %`;
