/**
 * `everyMs` as a cron expression with seconds, or `null` if there is none. There is none for 7 seconds, for example, because
 * 60 is not a multiple of 7.
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
