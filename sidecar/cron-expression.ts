/**
 * `everyMs` as a cron expression with seconds. `null` if the interval is not a number of seconds that divides a minute, of
 * minutes that divides an hour, or of hours that divides a day.
 */
export function cronExpression(everyMs: number): string | null {
  if (everyMs % 1000 !== 0) return null;
  const seconds = everyMs / 1000;
  if (seconds < 60) return 60 % seconds === 0 ? `*/${seconds} * * * * *` : null;
  if (seconds % 60 !== 0) return null;
  const minutes = seconds / 60;
  if (minutes < 60) return 60 % minutes === 0 ? `0 */${minutes} * * * *` : null;
  if (minutes % 60 !== 0) return null;
  const hours = minutes / 60;
  return 24 % hours === 0 ? `0 0 */${hours} * * *` : null;
}
