import { until } from '../scripts/shared/wait.ts';

/** Checks the condition every 20 ms and resolves when it holds. After `withinMs` it rejects with an error that contains `what`. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  { withinMs = 10_000 }: { withinMs?: number } = {},
): Promise<void> {
  const held = await until(condition, { everyMs: 20, signal: AbortSignal.timeout(withinMs) });
  if (!held) throw new Error(`not within ${withinMs} ms: ${what}`);
}
