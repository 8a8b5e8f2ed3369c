import type { Subject } from './admission-store.ts';
import type { UsageStore } from './usage-store.ts';

export function createMemoryUsageStore(): UsageStore {
  const people = new Map<string, Map<string, { bytes: number; expiresAt: number }>>();
  const keyOf = (subject: Subject) => ('userId' in subject ? `u${subject.userId}` : `a${subject.address}`);

  function heldBy(subject: Subject) {
    const held = people.get(keyOf(subject)) ?? new Map<string, { bytes: number; expiresAt: number }>();
    for (const [member, { expiresAt }] of held) if (expiresAt <= Date.now()) held.delete(member);
    return held;
  }
  const bytesOf = (held: Map<string, { bytes: number }>) =>
    [...held.values()].reduce((sum, { bytes }) => sum + bytes, 0);

  return {
    async hold({ subject, holdings, maxBytes, maxChats }) {
      const held = heldBy(subject);
      const total = bytesOf(held);
      const more = holdings.reduce((sum, { member, bytes }) => sum + bytes - (held.get(member)?.bytes ?? 0), 0);
      if (maxBytes > 0 && more > 0 && total + more > maxBytes) return { what: 'full', bytes: total };
      const newChats = holdings.filter(({ member }) => member.startsWith('c') && !held.has(member)).length;
      const chats = [...held.keys()].filter((member) => member.startsWith('c')).length;
      if (maxChats > 0 && newChats > 0 && chats + newChats > maxChats) return { what: 'tooManyChats', bytes: total };
      people.set(keyOf(subject), held);
      for (const { member, bytes, ttlMs } of holdings) {
        if (bytes > 0) held.set(member, { bytes, expiresAt: Date.now() + ttlMs });
        else held.delete(member);
      }
      return { what: 'held', bytes: total + more };
    },

    members: async (subject) => [...heldBy(subject).keys()],

    async release(subject, members) {
      const held = heldBy(subject);
      for (const member of members) held.delete(member);
      if (held.size === 0) people.delete(keyOf(subject));
    },
  };
}
