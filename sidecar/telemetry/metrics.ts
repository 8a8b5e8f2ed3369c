import { collectDefaultMetrics, Registry } from 'prom-client';
import { createStateMetrics, type StateSources } from './state-metrics.ts';
import { createStreamMetrics, type StreamMetricsOptions } from './stream-metrics.ts';
import type { Telemetry } from './telemetry.ts';

export type MetricsOptions = Omit<StreamMetricsOptions, 'registry'> & Pick<StateSources, 'redisHealth'>;

export interface Metrics {
  telemetry: Telemetry;
  /** All metrics in the Prometheus text format. */
  read(): Promise<string>;
  /** Adds the metrics of the current state of the process. Each `read()` gets their values from `sources`. */
  watch(sources: Omit<StateSources, 'redisHealth'>): void;
}

/** The metrics of this process. Labels contain nothing about conversations or people, and each label has few values. */
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
