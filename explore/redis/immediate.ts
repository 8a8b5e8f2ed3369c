import type { RedisConnection } from '../../sidecar/store/redis/redis-connection.ts';
import type { OnMessage } from '../../sidecar/store/redis/redis-client.ts';
import { createClient, type Request } from './client.ts';
import type { Database, Reply } from './database.ts';
import type { ScriptRunner } from './lua/script-runner.ts';

/** A connection to the explorer's Redis that answers at once, for the store suites. */
export function connectImmediately({ db, scripts }: { db: Database; scripts: ScriptRunner }): RedisConnection {
  const send = async ({ name, script, keys, args }: Request): Promise<Reply> =>
    db.step(() => (script === undefined ? db.command(name, args) : scripts.run(script, keys, args)));
  const listeners = new Map<string, Set<OnMessage>>();
  const publish = db.onPublish;
  db.onPublish = (channel, message) => {
    publish(channel, message);
    setTimeout(() => {
      for (const listener of listeners.get(channel) ?? [])
        listener(Buffer.from(message, 'latin1'), Buffer.from(channel));
    }, 0);
  };
  const subscribe = async (channel: string, onMessage: OnMessage) =>
    void listeners.set(channel, (listeners.get(channel) ?? new Set()).add(onMessage));
  const commands = createClient(send);
  return {
    commands,
    pages: createClient(send, { asBuffers: true }),
    bulk: createClient(send, { asBuffers: true }),
    bulkText: createClient(send),
    bells: {
      sSubscribe: subscribe,
      subscribe,
      sUnsubscribe: async (channel: string, onMessage: OnMessage) => void listeners.get(channel)?.delete(onMessage),
      onReady: () => {},
      destroy: () => {},
    },
    isCluster: false,
    call: (promise: Promise<unknown>) => promise,
    callBulk: (promise: Promise<unknown>) => promise,
    masters: async () => [commands],
    isCalm: () => true,
    wasAway: () => false,
    onReconnect: () => {},
    close: () => {},
  } as unknown as RedisConnection;
}
