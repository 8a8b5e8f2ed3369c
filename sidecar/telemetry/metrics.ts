import { collectDefaultMetrics, Registry } from 'prom-client';
import { createStateMetrics, type StateSources } from './state-metrics.ts';
import { createStreamMetrics, type StreamMetricsOptions } from './stream-metrics.ts';
import type { Telemetry } from './telemetry.ts';

export type MetricsOptions = Omit<StreamMetricsOptions, 'registry'> & Pick<StateSources, 'redisHealth'>;

export interface Metrics {
  telemetry: Telemetry;
  /** Everything as Prometheus reads it. */
  read(): Promise<string>;
  /** Where the figures of the moment come from, once that is there. */
  watch(sources: Omit<StateSources, 'redisHealth'>): void;
}

/** The figures of this process. No label holds anything of a conversation or of a person, and each has few values. */
export function createMetrics({ modelLabel, redisHealth, cleanupIntervalMs }: MetricsOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  let readState = async (): Promise<void> => {};
  return {
    telemetry: createStreamMetrics({ registry, modelLabel, cleanupIntervalMs }),
    watch(sources) {
      readState = createStateMetrics({ registry, ...sources, redisHealth });
    },
    async read() {
      await readState();
      return registry.metrics();
    },
  };
}
