import type { CallOff } from './stream-requests.ts';

/** A start that has no stream id yet. */
export interface PendingStart extends CallOff {
  readonly messageId: string;
  cancel(): void;
}

export function createPendingStart(messageId: string): PendingStart {
  let cancelled = false;
  const tasks = new Set<() => void>();
  return {
    messageId,
    get cancelled() {
      return cancelled;
    },
    onCancel(task) {
      tasks.add(task);
      return () => void tasks.delete(task);
    },
    cancel() {
      cancelled = true;
      for (const task of [...tasks]) task();
    },
  };
}
