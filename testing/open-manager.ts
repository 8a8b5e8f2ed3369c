import { onTestFinished } from 'vitest';
import type { Model } from '../sidecar/models/model.ts';
import type { ChatStore } from '../sidecar/store/chats/chat-store.ts';
import type { StreamStore } from '../sidecar/store/streams/stream-store.ts';
import { createSettler } from '../sidecar/streams/end/settle.ts';
import { createStreamManager, type StreamManager } from '../sidecar/streams/stream-manager.ts';
import { noTelemetry } from '../sidecar/telemetry/telemetry.ts';
import { admitAll } from './admit-all.ts';
import { silentLog } from './open-redis.ts';

/** A stream manager over these stores, whose only model is `model`. It is drained when the test has finished. */
export function openManager({
  store,
  chats,
  model,
  leaseMs = 60_000,
}: {
  store: StreamStore;
  chats: ChatStore;
  model: Model;
  leaseMs?: number;
}): StreamManager {
  const manager = createStreamManager({
    store,
    chats,
    settler: createSettler({ store, chats, log: silentLog }),
    resolveModel: () => model,
    admission: admitAll,
    telemetry: noTelemetry,
    log: silentLog,
    secret: 'a secret of sixteen',
    settings: {
      recovery: 'continue',
      leaseMs,
      stallTimeoutMs: 60_000,
      firstTokenTimeoutMs: 60_000,
      answerTimeoutMs: 600_000,
      streamMaxBytes: 1 << 24,
      keptMs: 10 * leaseMs,
    },
  });
  onTestFinished(() => manager.drain(0));
  return manager;
}
