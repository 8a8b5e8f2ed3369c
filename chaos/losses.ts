/** When Redis lost what it had acknowledged. Times are those of `performance.now()`. */
export interface Losses {
  /** To be called before Redis writes everything to disk. */
  save(): void;
  /**
   * To be called before Redis loses data: everything that is newer than the last save, or `all` data. Call the returned function when
   * Redis works again.
   */
  lose(what: 'since the save' | 'all'): () => void;
  /** True if Redis may have lost something that it acknowledged between these times. */
  mayContain(fromMs: number, toMs: number): boolean;
}

export function createLosses(): Losses {
  const losses: { sinceMs: number; untilMs: number }[] = [];
  let savedAtMs = -Infinity;
  return {
    save: () => void (savedAtMs = performance.now()),
    lose(what) {
      const loss = { sinceMs: what === 'all' ? -Infinity : savedAtMs, untilMs: Infinity };
      losses.push(loss);
      return () => void (loss.untilMs = performance.now());
    },
    mayContain: (fromMs, toMs) => losses.some(({ sinceMs, untilMs }) => fromMs < untilMs && toMs > sinceMs),
  };
}
