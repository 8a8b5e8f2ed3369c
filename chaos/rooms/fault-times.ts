import { placeOf, type Fault } from '../faults.ts';

export interface FaultTimes {
  begins(fault: Fault): void;
  /** For how long, at most, this sidecar could not read from Redis between `from` and `until`, in milliseconds. */
  cutOffMs(span: { sidecar: number; from: number; until: number }): number;
}

/** After a fault, a sidecar needs up to this long until it has reached Redis again and has read the roles of the members. */
const RECOVERS_WITHIN_MS = 2500;

export function createFaultTimes(now = () => performance.now()): FaultTimes {
  const spans: { place: string; from: number; until: number }[] = [];
  return {
    begins(fault) {
      const from = now();
      spans.push({ place: placeOf(fault), from, until: from + fault.forMs + RECOVERS_WITHIN_MS });
    },
    cutOffMs({ sidecar, from, until }) {
      const places = new Set([`sidecar ${sidecar}`, `network ${sidecar}`, 'redis']);
      let sum = 0;
      let counted = from;
      for (const span of spans.filter(({ place }) => places.has(place)).sort((a, b) => a.from - b.from)) {
        const begin = Math.max(counted, span.from);
        const end = Math.min(until, span.until);
        if (end <= begin) continue;
        sum += end - begin;
        counted = end;
      }
      return sum;
    },
  };
}
