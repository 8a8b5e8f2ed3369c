import type { AdmissionStore, Subject } from './admission-store.ts';

/** Maximum number of people and addresses that are remembered. */
const MAX_SUBJECTS = 10_000;

interface Counted {
  active: Set<string>;
  /** The time of each start, oldest first. */
  starts: Map<string, number>;
}

export function createMemoryAdmissionStore(): AdmissionStore {
  const subjects = new Map<string, Counted>();
  const keyOf = (subject: Subject): string =>
    'userId' in subject ? `user ${subject.userId}` : `address ${subject.address}`;

  function countedOf(subject: Subject): Counted {
    const key = keyOf(subject);
    const counted = subjects.get(key) ?? { active: new Set(), starts: new Map() };
    subjects.delete(key);
    subjects.set(key, counted);
    if (subjects.size > MAX_SUBJECTS) subjects.delete(subjects.keys().next().value!);
    return counted;
  }

  return {
    async admit({ subject, streamId, maxActive, maxStarts, windowMs, startingMs, ended }) {
      const { active, starts } = countedOf(subject);
      const now = Date.now();
      for (const id of ended) active.delete(id);
      for (const [id, at] of starts) if (at <= now - windowMs) starts.delete(id);
      if (maxActive > 0 && !active.has(streamId) && active.size >= maxActive) {
        const isStarting = (id: string) => now - (starts.get(id) ?? -Infinity) < startingMs;
        return { what: 'full', members: [...active].map((id) => ({ streamId: id, isStarting: isStarting(id) })) };
      }
      if (!starts.has(streamId)) {
        const first = starts.values().next();
        if (maxStarts > 0 && starts.size >= maxStarts)
          return { what: 'tooSoon', waitMs: first.value! + windowMs - now };
        starts.set(streamId, now);
      }
      if (maxActive > 0) active.add(streamId);
      return { what: 'admitted' };
    },

    async withdraw(subject, streamId) {
      const { active, starts } = countedOf(subject);
      active.delete(streamId);
      starts.delete(streamId);
    },
  };
}
