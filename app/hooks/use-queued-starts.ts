import { useCallback, useMemo, useState } from 'react';

/** A turn (a question and its answer) that this component has started and that waits for other answers of its chat. */
export interface QueuedStart {
  streamId: string;
  messageId: string;
  /**
   * The place of the turn in the queue: 1 comes next. At first, this is the `place` in the response to the start. Each time
   * an earlier turn leaves the list of {@link useQueuedStarts}, the place becomes smaller by 1.
   */
  place: number;
}

/** The turns that one component has started and that wait, ordered by place. */
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
      add: (start: QueuedStart) => setAll((before) => inserted(before, start)),
    }),
    [all, drop],
  );
}

/** If another turn already has the place of the new turn, the new turn has moved that turn and all later ones back by one place. */
function inserted(all: readonly QueuedStart[], start: QueuedStart): readonly QueuedStart[] {
  const others = all.filter(({ streamId }) => streamId !== start.streamId);
  const isTaken = others.some(({ place }) => place === start.place);
  const moved = others.map((one) => (isTaken && one.place >= start.place ? { ...one, place: one.place + 1 } : one));
  return [...moved, start].sort(byPlace);
}

const byPlace = (a: QueuedStart, b: QueuedStart): number => a.place - b.place;
