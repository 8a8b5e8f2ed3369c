import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { OpenResponses } from './http/open-responses.ts';
import type { StreamManager } from './streams/stream-manager.ts';

/** The figures of this process, as Prometheus reads them. */
export function createMetrics({
  manager,
  responses,
}: {
  manager: StreamManager;
  responses: OpenResponses;
}): () => Promise<string> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  gauge('rejoin_generations', 'Streams that are written by this process', () => manager.generations.size);
  gauge('rejoin_followed_streams', 'Streams that readers of this process follow', () => manager.streams.followed);
  gauge('rejoin_readers', 'Readers that are connected to this process', () => responses.count);
  return () => registry.metrics();
}
