import { ANALYTICS_KEPT_DAYS } from '../../shared/analytics.ts';
import { createAnalytics, type Analytics } from '../../sidecar/analytics/analytics.ts';
import { createLog } from '../../sidecar/log.ts';
import { connectRedis } from '../../sidecar/store/redis/redis-connection.ts';
import { createRedisAnalyticsStore } from '../../sidecar/store/counts/redis-analytics-store.ts';
import type { Telemetry } from '../../sidecar/telemetry/telemetry.ts';
import type { Stack } from '../stack/start-stack.ts';

const HOUR_MS = 3_600_000;
const MODELS = ['gemini-2.0-flash', 'local/qwen3', 'local/mistral-small'];

/** Writes the analytics of a busy stack for the last `hours` hours. Nothing in them is random. */
export async function writePast(stack: Stack, { hours }: { hours: number }): Promise<void> {
  const log = createLog({ level: 'silent' });
  const redis = await connectRedis({ settings: { address: { url: stack.redisUrl! }, leaseMs: 1000 }, log });
  const keptMs = ANALYTICS_KEPT_DAYS * 24 * HOUR_MS;
  let now = Date.now();
  const analytics = createAnalytics({
    store: {
      ...createRedisAnalyticsStore({ redis, keptMs }),
      memory: async () => ({ usedBytes: 90e6 + (Math.floor(now / HOUR_MS) % 17) * 4e6, limitBytes: 1e9 }),
    },
    now: () => now,
  });
  for (let ago = hours - 1; ago >= 0; ago -= 1) {
    now = Date.now() - ago * HOUR_MS;
    // Few answers at night, many by day (UTC).
    const busy = 1 - Math.cos((2 * Math.PI * (new Date(now).getUTCHours() - 4)) / 24);
    for (let i = 0; i < 3 + Math.round(18 * busy); i += 1) answer(analytics.telemetry, i + ago);
    await sample(analytics, ago);
    await analytics.flush();
  }
  await analytics.flush();
  redis.close();
}

/** Reports one answer. All its properties are derived from `n`. */
function answer(telemetry: Telemetry, n: number): void {
  const stream = { streamId: `past-${n}`, modelId: MODELS[n % 5 < 3 ? 0 : n % 5 === 3 ? 1 : 2]!, servedBy: 'past' };
  const speed = [140, 60, 35][MODELS.indexOf(stream.modelId)]! * (0.6 + ((n * 7) % 10) / 12);
  const tokens = 150 + ((n * 37) % 400);
  const code = n % 17 === 5 ? 'model_error' : n % 41 === 9 ? 'stalled' : null;
  const outcome = code !== null ? 'error' : n % 11 === 7 ? 'cancelled' : 'completed';
  telemetry.streamStarted(stream);
  telemetry.firstToken(stream, (n % 23 === 1 ? 2600 : 280) + ((n * 61) % 500));
  const writingMs = (1000 * tokens) / speed;
  telemetry.streamEnded(stream, {
    outcome,
    hasStarted: true,
    code,
    ms: writingMs + 500,
    bytes: 6 * tokens,
    tokens,
    writingMs,
  });
  telemetry.readerOpened(stream, n % 6 === 2 ? 'catch-up' : n % 9 === 4 ? 'live' : 'beginning');
  telemetry.readerClosed(stream, n % 8 === 3 ? 'left' : n % 13 === 6 ? 'cut' : 'done');
  if (n % 31 === 8) telemetry.refused('rate_limited');
  if (n % 67 === 8) telemetry.refused('stream_active');
  const lost = { policy: 'continue', lapses: 1, barren: 0 } as const;
  if (n % 73 === 11) telemetry.streamRecovered(stream, { ...lost, isHandover: n % 2 === 0 });
}

async function sample({ telemetry, sampleMemory }: Analytics, ago: number): Promise<void> {
  await sampleMemory();
  const scanned = 40 + ((ago * 13) % 30);
  telemetry.swept(
    { action: 'expired', scanned, removed: (ago * 5) % 9, mended: ago % 7 === 0 ? 1 : 0, recovered: 0 },
    4,
  );
}
