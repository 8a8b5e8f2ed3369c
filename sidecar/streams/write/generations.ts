import { setTimeout as delay } from 'node:timers/promises';
import { slicesOf } from '../log/slices.ts';
import { createGeneration, type Generation, type GenerationDeps, type GenerationStart } from './generation.ts';
import { renewLeases } from './heartbeat.ts';

/** A tick handles the streams in slices. It pauses this long after each slice, so that writes do not come all at once. */
const SLICE_PAUSE_MS = 40;
/** All pauses of a tick together take at most this long. If there are many slices, each pause is shorter. */
const PAUSES_MS = 800;
/** A stream whose model has been silent for this long is looked at less often. */
const SILENT_MS = 10_000;
const REST_MS = 5000;
/** Ticks come about once a second. If the gap between two of them is longer than this, the process was suspended. */
const MAX_TICK_GAP_MS = 6000;

export interface Generations {
  /** Writes a stream until it ends or another process owns it. */
  run(start: GenerationStart): void;
  get(streamId: string): Generation | undefined;
  has(streamId: string): boolean;
  readonly size: number;
  /** Renews the leases that are due, or all. */
  renew(which: 'due' | 'all'): Promise<void>;
  /** Checks each stream for a hanging model and an old state copy. */
  tick(): Promise<void>;
  /** Gives all streams to other processes. */
  handOver(): void;
  /** Resolves when this process no longer writes any stream that it was writing at the time of the call. */
  allLeft(): Promise<void>;
}

export function createGenerations(deps: GenerationDeps): Generations {
  const generations = new Map<string, Generation>();
  const { store, telemetry, settings } = deps;
  let lastTickAt = performance.now();

  return {
    run(start) {
      const generation = createGeneration(deps, start);
      const { streamId, facts } = generation;
      generations.set(streamId, generation);
      void generation.done.then(() => {
        if (generations.get(streamId) === generation) generations.delete(streamId);
        telemetry.streamLeft({ streamId, modelId: facts.modelId });
      });
    },
    get: (streamId) => generations.get(streamId),
    has: (streamId) => generations.has(streamId),
    get size() {
      return generations.size;
    },
    renew: (which) =>
      renewLeases({
        store,
        generations: generations.values(),
        which,
        leaseMs: settings.leaseMs,
        ttlMs: settings.keptMs,
      }),
    async tick() {
      const startedAt = performance.now();
      const gapMs = startedAt - lastTickAt;
      lastTickAt = startedAt;
      if (gapMs > MAX_TICK_GAP_MS) for (const generation of generations.values()) generation.slept(gapMs);
      const slices = [...slicesOf([...generations.values()].filter(({ restsUntil }) => restsUntil <= startedAt))];
      const pauseMs = Math.min(SLICE_PAUSE_MS, PAUSES_MS / slices.length);
      for (const slice of slices) {
        const now = Date.now();
        for (const generation of slice) {
          generation.tick(now);
          if (now - generation.lastChunkAt > SILENT_MS) generation.restsUntil = performance.now() + REST_MS;
        }
        await delay(pauseMs);
      }
    },
    handOver() {
      for (const generation of generations.values()) generation.stop('handover');
    },
    async allLeft() {
      await Promise.all([...generations.values()].map(({ done }) => done));
    },
  };
}
