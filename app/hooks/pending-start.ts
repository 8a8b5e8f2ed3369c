import type { CallOff } from './stream-requests.ts';

/** A start that has no stream id yet. */
export interface PendingStart extends CallOff {
  readonly messageId: string;
  /** True if the person took back the question of this start. If the person pressed Stop instead, only `cancelled` is true. */
  readonly withdrawn: boolean;
  cancel(): void;
  withdraw(): void;
}

export function createPendingStart(messageId: string): PendingStart {
  let cancelled = false;
  let withdrawn = false;
  const tasks = new Set<() => void>();
  function cancel(): void {
    cancelled = true;
    for (const task of [...tasks]) task();
  }
  return {
    messageId,
    get cancelled() {
      return cancelled;
    },
    onCancel(task) {
      tasks.add(task);
      return () => void tasks.delete(task);
    },
    get withdrawn() {
      return withdrawn;
    },
    cancel,
    withdraw() {
      withdrawn = true;
      cancel();
    },
  };
}
