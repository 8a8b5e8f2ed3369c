/** The entries of one day, or of a longer period if they are older. */
export interface DayGroup<T> {
  label: string;
  items: T[];
}

export interface DayWords {
  today: string;
  yesterday: string;
  previous7Days: string;
  previous30Days: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Groups entries under "Today", "Yesterday", "Previous 7 days", "Previous 30 days" and months. `items` must be sorted, the newest
 * first. Days begin at midnight UTC, so that the server and every browser make the same groups.
 */
export function groupByDay<T extends { updatedAt: string }>(
  items: readonly T[],
  { now, words, language }: { now: Date; words: DayWords; language: string },
): DayGroup<T>[] {
  const groups: DayGroup<T>[] = [];
  const monthOf = new Intl.DateTimeFormat(language, { month: 'long', year: 'numeric', timeZone: 'UTC' });
  for (const item of items) {
    const label = labelOf(new Date(item.updatedAt));
    const last = groups.at(-1);
    if (last?.label === label) last.items.push(item);
    else groups.push({ label, items: [item] });
  }
  return groups;

  function labelOf(date: Date): string {
    const days = Math.floor(now.getTime() / DAY_MS) - Math.floor(date.getTime() / DAY_MS);
    if (days <= 0) return words.today;
    if (days === 1) return words.yesterday;
    if (days <= 7) return words.previous7Days;
    if (days <= 30) return words.previous30Days;
    return monthOf.format(date);
  }
}
