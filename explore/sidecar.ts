import { createChats, type Chats } from '../sidecar/chats/chats.ts';
import { createForkChat, type ForkChat } from '../sidecar/chats/forks/fork-chat.ts';
import { createSay, type Say } from '../sidecar/chats/say.ts';
import { createLane } from '../sidecar/chats/lane.ts';
import { createAdmission } from '../sidecar/limits/admission.ts';
import { createQuota } from '../sidecar/limits/quota.ts';
import type { Log } from '../sidecar/log.ts';
import type { Model } from '../sidecar/models/model.ts';
import { createMembers, type Members } from '../sidecar/rooms/members.ts';
import { createRedisChatStore } from '../sidecar/store/chats/redis-chat-store.ts';
import { chatKey } from '../sidecar/store/redis/keys.ts';
import { createRedisAdmissionStore } from '../sidecar/store/counts/redis-admission-store.ts';
import { createRedisPackStore } from '../sidecar/store/streams/redis-pack-store.ts';
import { createRedisUsageStore } from '../sidecar/store/counts/redis-usage-store.ts';
import { createRedisStreamStore } from '../sidecar/store/streams/redis-stream-store.ts';
import { createRedisSweepStore } from '../sidecar/store/streams/redis-sweep-store.ts';
import type { StreamStore } from '../sidecar/store/streams/stream-store.ts';
import { createPacker } from '../sidecar/streams/end/packer.ts';
import { createSettler } from '../sidecar/streams/end/settle.ts';
import { createStreamCleanup, type StreamCleanup } from '../sidecar/streams/recover/stream-cleanup.ts';
import { createStreamManager, type StreamManager } from '../sidecar/streams/stream-manager.ts';
import { BEATS_PER_LEASE } from '../sidecar/streams/write/heartbeat.ts';
import { noTelemetry } from '../sidecar/telemetry/telemetry.ts';
import { MEMBER, USER } from './names.ts';
import type { Host, VirtualTime } from './virtual-time.ts';
import type { World } from './world.ts';

/** Short, so that a takeover takes few steps, and one run has room for several takeovers. */
export const LEASE_MS = 300;
export const TTL_MS = 600_000;

/** The real modules of one sidecar, composed as `main.ts` composes them, without HTTP and without telemetry. */
export interface ExploredSidecar {
  host: Host;
  store: StreamStore;
  manager: StreamManager;
  chats: Chats;
  say: Say;
  fork: ForkChat;
  members: Members;
  cleanup: StreamCleanup;
  packer: ReturnType<typeof createPacker>;
  /** Turns an existing chat into a room with one editor. How a person joins a room is not explored. */
  makeMember(chatId: string): void;
  /** Hands the streams over and ends the timers, as when the process is told to stop. */
  dispose(): Promise<void>;
}

export interface SidecarOptions {
  time: VirtualTime;
  world: World;
  host: Host;
  model: Model;
  /** An owner gathers chunks for this long before it stores them. A follower waits for the same time before it reads new ones. */
  gatherMs: number;
  /** How many chats a person may have. If left out, the sidecar does not count what a person stores. */
  chatsPerUser?: number;
  /** Called for every line that is logged as an error. None is expected. */
  onError(event: string, error: unknown): void;
}

export function createSidecar({
  time,
  world,
  host,
  model,
  gatherMs,
  chatsPerUser,
  onError,
}: SidecarOptions): ExploredSidecar {
  return time.as(host, () => {
    const log: Log = {
      debug: () => {},
      info: () => {},
      warn: () => {},
      error: ({ event, error }) => onError(event, error),
    };
    const redis = world.connect(host, LEASE_MS);
    const store = createRedisStreamStore({ redis, owner: host.name, leaseMs: LEASE_MS, ttlMs: TTL_MS });
    const chatStore = createRedisChatStore({ redis, ttlMs: TTL_MS });
    const sweep = createRedisSweepStore({ redis });
    const packing = { store: createRedisPackStore({ redis, ttlMs: TTL_MS }), afterMs: 0 };
    const quota =
      chatsPerUser === undefined
        ? undefined
        : createQuota({
            usage: createRedisUsageStore({ redis }),
            limits: { bytesPerUser: 1 << 20, chatsPerUser, guestsPerAddress: 0 },
            ttlMs: TTL_MS,
            chatTtlMs: TTL_MS,
          });
    const settler = createSettler({ store, chats: chatStore, log, quota, packing });
    const manager = createStreamManager({
      store,
      chats: chatStore,
      settler,
      resolveModel: () => model,
      quota,
      admission: createAdmission({
        store: createRedisAdmissionStore({ redis }),
        streams: store,
        limits: { activeStreamsPerUser: 2, startsPerMinute: 0, guestsPerAddress: 0, streams: 0 },
      }),
      telemetry: noTelemetry,
      log,
      secret: 'a secret of sixteen',
      settings: {
        recovery: 'continue',
        leaseMs: LEASE_MS,
        stallTimeoutMs: 60_000,
        firstTokenTimeoutMs: 60_000,
        answerTimeoutMs: 600_000,
        streamMaxBytes: 1 << 20,
        keptMs: TTL_MS,
      },
      createGathering: () => ({ delayMs: gatherMs, tally: () => {}, stop: () => {} }),
    });
    const cleanup = createStreamCleanup({
      store,
      sweep,
      chats: chatStore,
      settler,
      ender: manager.ender,
      recovery: manager.recovery,
      packing,
      quota,
      telemetry: noTelemetry,
      ttlMs: TTL_MS,
      leaseMs: LEASE_MS,
    });
    const every = (ms: number, run: () => Promise<unknown>) =>
      setInterval(
        () =>
          void run().catch(() => {
            /* the next run of the timer tries again */
          }),
        ms,
      );
    // One timer for the heartbeat, the tick and the sweep, because each timer makes the search slower.
    let turn = 0;
    const timer = every(LEASE_MS / BEATS_PER_LEASE, async () => {
      const isLast = ++turn % BEATS_PER_LEASE === 0;
      await Promise.all([manager.heartbeat('due'), ...(isLast ? [manager.tick(), manager.recovery.sweep()] : [])]);
    });
    store.onReturn(
      () =>
        void manager.heartbeat('all').catch(() => {
          /* the next heartbeat of the timer tries again */
        }),
    );
    const lane = createLane({ width: 2 });
    const telemetry = noTelemetry;
    return {
      host,
      store,
      manager,
      cleanup,
      packer: createPacker({ ...packing, log }),
      chats: createChats({ chats: chatStore, store, settler, manager, quota, lane }),
      say: createSay({ chats: chatStore, store, quota }),
      fork: createForkChat({
        chats: chatStore,
        store,
        settler,
        manager,
        quota,
        limits: { messages: 0, bytes: 0 },
        telemetry,
        lane,
      }),
      members: createMembers({
        rooms: chatStore.rooms,
        chats: chatStore,
        settings: { guestsMayEdit: true },
        // A change of roles makes the HTTP endpoints cut the responses to some readers. HTTP is not explored.
        onRolesChanged: async () => {},
        removeTurns: ({ ownerId, chatId }, member) => manager.queue.removeAllOf({ userId: ownerId, chatId }, member),
      }),
      makeMember(chatId) {
        const key = chatKey(USER, chatId);
        if (world.db.command('HEXISTS', [key, 'createdAt']) === 0) return;
        const member = JSON.stringify({ role: 'editor', name: MEMBER.name, since: '', by: '' });
        world.db.command('HSET', [key, 'room', 'a'.repeat(26), 'members', MEMBER.userId, `u:${MEMBER.userId}`, member]);
      },
      async dispose() {
        await manager.drain(0);
        clearInterval(timer);
      },
    };
  });
}
