import type { Sample } from './sample.ts';

/** The values that must not grow under constant load. Growth up to `part` of the first value, or up to `atLeast`, is noise. */
const FLAT: { name: string; of(sample: Sample): number; part: number; atLeast: number }[] = [
  { name: 'heap after GC', of: (sample) => sum(sample, 'heapBytes'), part: 0.15, atLeast: 16e6 },
  { name: 'buffers outside the heap', of: (sample) => sum(sample, 'externalBytes'), part: 0.25, atLeast: 16e6 },
  { name: 'RSS', of: (sample) => sum(sample, 'rssBytes'), part: 0.2, atLeast: 80e6 },
  { name: 'timers', of: (sample) => sum(sample, 'timers'), part: 0.25, atLeast: 100 },
  { name: 'sockets', of: (sample) => sum(sample, 'sockets'), part: 0.25, atLeast: 100 },
  { name: 'listeners', of: (sample) => sum(sample, 'listeners'), part: 0, atLeast: 2 },
  { name: 'Redis keys', of: ({ keys }) => keys, part: 0.25, atLeast: 200 },
  { name: 'Redis clients', of: ({ clients }) => clients, part: 0, atLeast: 2 },
  { name: 'Redis memory', of: ({ redisBytes }) => redisBytes, part: 0.25, atLeast: 8e6 },
];

/** The values that must return after the load to what they were before it. `within`: the difference that is allowed. */
const BACK: { name: string; of(sample: Sample): number; within: number }[] = [
  { name: 'streams that are written', of: (sample) => sum(sample, 'generations'), within: 0 },
  { name: 'streams that are followed', of: (sample) => sum(sample, 'followed'), within: 0 },
  { name: 'readers', of: (sample) => sum(sample, 'readers'), within: 0 },
  { name: 'Redis keys', of: ({ keys }) => keys, within: 0 },
  { name: 'Redis clients', of: ({ clients }) => clients, within: 1 },
  { name: 'sockets', of: (sample) => sum(sample, 'sockets'), within: 4 },
  { name: 'descriptors', of: (sample) => sum(sample, 'descriptors'), within: 6 },
  { name: 'timers', of: (sample) => sum(sample, 'timers'), within: 20 },
  { name: 'listeners', of: (sample) => sum(sample, 'listeners'), within: 2 },
  { name: 'heap after GC', of: (sample) => sum(sample, 'heapBytes'), within: 24e6 },
];

type Figure = { [K in keyof Sample['sidecars'][number]]: K }[keyof Sample['sidecars'][number]];

export const sum = ({ sidecars }: Sample, figure: Figure): number =>
  sidecars.reduce((all, sidecar) => all + (sidecar[figure] ?? 0), 0);

export interface Judged {
  name: string;
  from: number;
  to: number;
  allowed: number;
  isFine: boolean;
}

/**
 * `loaded`: samples under load, after the warm-up. In `flat`, `from` and `to` are the ends of the least-squares line through
 * these samples.
 */
export function judge({ before, loaded, after }: { before: Sample; loaded: readonly Sample[]; after: Sample }): {
  flat: Judged[];
  back: Judged[];
} {
  return {
    flat: FLAT.map(({ name, of, part, atLeast }) => {
      const { from, to } = trend(loaded.map((sample) => ({ x: sample.atMs, y: of(sample) })));
      const allowed = Math.max(atLeast, part * from);
      return { name, from, to, allowed, isFine: to - from <= allowed };
    }),
    back: BACK.map(({ name, of, within }) => {
      const [from, to] = [of(before), of(after)];
      return { name, from, to, allowed: within, isFine: to - from <= within };
    }),
  };
}

function trend(points: readonly { x: number; y: number }[]): { from: number; to: number } {
  const mean = (of: (point: { x: number; y: number }) => number) =>
    points.reduce((all, point) => all + of(point), 0) / points.length;
  const [x, y] = [mean((point) => point.x), mean((point) => point.y)];
  const spread = mean((point) => (point.x - x) ** 2);
  const slope = spread === 0 ? 0 : mean((point) => (point.x - x) * (point.y - y)) / spread;
  const at = (point: { x: number } | undefined) => y + slope * ((point?.x ?? x) - x);
  return { from: at(points[0]), to: at(points.at(-1)) };
}
