import { useMemo, useState } from 'react';

/** A turn that was started by this component and waits. */
export interface QueuedStart {
  streamId: string;
  messageId: string;
  /**
   * Its place in the queue: 1 comes next. The response to the start names it. Each time a turn of this list begins, it is reduced
   * by 1.
   */
  place: number;
}

/** The turns that one component has started and that wait, in their order. */
export function useQueuedStarts() {
  const [all, setAll] = useState<readonly QueuedStart[]>([]);
  return useMemo(
    () => ({
      all,
      first: all[0] ?? null,
      add: (start: QueuedStart) =>
        setAll((before) => [...before.filter(({ streamId }) => streamId !== start.streamId), start].sort(byPlace)),
      shift: () => setAll(([, ...rest]) => rest.map((start) => ({ ...start, place: start.place - 1 }))),
    }),
    [all],
  );
}

const byPlace = (a: QueuedStart, b: QueuedStart): number => a.place - b.place;
