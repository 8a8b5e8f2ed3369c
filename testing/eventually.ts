import { until } from '../scripts/shared/wait.ts';

/** Resolves once the condition holds, looked at every 20 ms; rejects, with what it was waiting for, when that takes too long. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  { withinMs = 10_000 }: { withinMs?: number } = {},
): Promise<void> {
  const held = await until(condition, { everyMs: 20, signal: AbortSignal.timeout(withinMs) });
  if (!held) throw new Error(`not within ${withinMs} ms: ${what}`);
}
