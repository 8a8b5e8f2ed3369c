import { createClient } from 'redis';
import { SCRIPTS } from './scripts.ts';

/** A hung socket is given up after this long without a byte; a PING every second keeps a healthy one from it. */
const SOCKET_TIMEOUT_MS = 5000;

export const socketOptions = {
  socketTimeout: SOCKET_TIMEOUT_MS,
  connectTimeout: 1500,
  reconnectStrategy: (retries: number) => Math.min(50 * 2 ** Math.min(retries, 10), 1000),
};
/**
 * A command that cannot be sent now fails now: the caller knows better than a queue what to do with it. So none waits to
 * be sent, and the client's own timer for each that might ({@link AbortSignal.timeout}) is only what it costs.
 */
export const clientOptions = {
  pingInterval: 1000,
  disableOfflineQueue: true,
  commandOptions: { timeout: undefined },
  // Redis Enterprise announces its maintenance if asked. Other servers refuse the question, and asking costs a look-up of
  // the host's name at each connection.
  maintNotifications: 'disabled',
  scripts: SCRIPTS,
} as const;

export const createSingle = (url: string) => createClient({ url, ...clientOptions, socket: socketOptions });
export type RedisClient = ReturnType<typeof createSingle>;
/** How the nodes of a Cluster or behind Sentinels are talked to. */
export type RedisNodeOptions = Omit<
  Parameters<typeof createClient>[0] & object,
  'url' | 'scripts' | 'modules' | 'functions'
>;

export type OnMessage = (message: string, channel: string) => void;

/** What is subscribed to, over any reconnection. A promise resolves once Redis has confirmed it. */
export interface BellClient {
  sSubscribe(channel: string, onMessage: OnMessage): Promise<unknown>;
  sUnsubscribe(channel: string, onMessage: OnMessage): Promise<unknown>;
  subscribe(channel: string, onMessage: OnMessage): Promise<unknown>;
  /** It is connected again, and has subscribed to what it knew. */
  onReady(listener: () => void): void;
  destroy(): void;
}
