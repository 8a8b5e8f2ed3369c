import { useCallback, useMemo, useState } from 'react';

/** A turn that was started by this component and waits. */
export interface QueuedStart {
  streamId: string;
  messageId: string;
  /**
   * Its place in the queue: 1 comes next. The response to the start names it. Each time a turn before it leaves this list, it is
   * reduced by 1.
   */
  place: number;
}

/** The turns that one component has started and that wait, in their order. */
export function useQueuedStarts() {
  const [all, setAll] = useState<readonly QueuedStart[]>([]);
  /** Removes the turns that `isMeant` selects. */
  const drop = useCallback((isMeant: (start: QueuedStart) => boolean) => {
    setAll((before) => {
      if (!before.some(isMeant)) return before;
      let gone = 0;
      return before.flatMap((start) => {
        if (!isMeant(start)) return [{ ...start, place: start.place - gone }];
        gone += 1;
        return [];
      });
    });
  }, []);
  return useMemo(
    () => ({
      all,
      drop,
      first: all[0] ?? null,
      add: (start: QueuedStart) =>
        setAll((before) => [...before.filter(({ streamId }) => streamId !== start.streamId), start].sort(byPlace)),
    }),
    [all, drop],
  );
}

const byPlace = (a: QueuedStart, b: QueuedStart): number => a.place - b.place;
