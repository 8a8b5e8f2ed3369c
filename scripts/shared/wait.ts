import { setTimeout as delay } from 'node:timers/promises';

/** Resolves after `ms`, or immediately when `signal` is aborted. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {}); // `delay` rejects only when the signal is aborted.
}

/** Checks `condition` every `everyMs`. Resolves to `true` once it holds, or to `false` when `signal` is aborted. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  { everyMs = 50, signal }: { everyMs?: number; signal?: AbortSignal } = {},
): Promise<boolean> {
  while (!signal?.aborted) {
    if (await condition()) return true;
    await pause(everyMs, signal);
  }
  return false;
}

/** True if an HTTP server answers at `url`, with any status. */
export async function answersHttp(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000), redirect: 'manual' });
    await response.body?.cancel();
    return true;
  } catch {
    return false;
  }
}

/** Asks the `/readyz` of a sidecar whether the sidecar accepts new starts. If not, `reason` says why and what to do. */
export async function readiness(url: string): Promise<{ isReady: boolean; reason: string }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    const body = (await response.json().catch(() => ({}))) as Partial<Record<'status' | 'reason' | 'remedy', string>>;
    const { reason = body.status ?? `it answers HTTP ${response.status}`, remedy } = body;
    return { isReady: response.ok, reason: remedy === undefined ? reason : `${reason} → ${remedy}` };
  } catch {
    return { isReady: false, reason: 'it does not answer' };
  }
}
