import type { RedisConnection } from './redis-connection.ts';

/** The subscriptions of this process: one per channel, for any number of listeners. */
export interface RedisBells {
  /**
   * Once the subscription is confirmed, resolves to a function that unsubscribes. Rejects if Redis does not answer. Messages may
   * be missed while the connection is lost. When the connection is back, `onBell` gets an empty message if Redis is a Cluster.
   * Otherwise the listeners of `RedisConnection.onReconnect` are called.
   */
  listen(channel: string, onBell: (message: Buffer) => void): Promise<() => void>;
}

/**
 * After a reconnection, node-redis subscribes to every channel again, even if the caller unsubscribed while the connection was
 * down. So an unwanted channel is unsubscribed when a message arrives on it, or when the connection is back.
 */
export function createRedisBells({ bells, call }: Pick<RedisConnection, 'bells' | 'call'>): RedisBells {
  const wanted = new Map<string, Set<(message: Buffer) => void>>();
  /** Channels that may still be subscribed, because a command to subscribe or unsubscribe failed. */
  const unsure = new Set<string>();

  function onMessage(message: Buffer, name: Buffer): void {
    const channel = name.toString();
    const listeners = wanted.get(channel);
    if (listeners) for (const ring of listeners) ring(message);
    else giveUp(channel);
  }

  function giveUp(channel: string): void {
    unsure.delete(channel);
    bells.sUnsubscribe(channel, onMessage).catch(() => unsure.add(channel));
  }

  function forget(channel: string, onBell: (message: Buffer) => void): void {
    const listeners = wanted.get(channel);
    if (!listeners?.delete(onBell) || listeners.size > 0) return;
    wanted.delete(channel);
    giveUp(channel);
  }

  bells.onReady(() => {
    for (const channel of [...unsure]) {
      if (wanted.has(channel)) unsure.delete(channel);
      else giveUp(channel);
    }
  });

  return {
    async listen(channel, onBell) {
      wanted.set(channel, (wanted.get(channel) ?? new Set()).add(onBell));
      try {
        await call(bells.sSubscribe(channel, onMessage));
      } catch (error) {
        unsure.add(channel);
        forget(channel, onBell);
        throw error;
      }
      return () => forget(channel, onBell);
    },
  };
}
