import { createClient } from 'redis';
import { SCRIPTS } from './scripts.ts';

/** A socket on which no byte arrives for this long is closed. On a healthy socket, a PING every second prevents that. */
const SOCKET_TIMEOUT_MS = 5000;

export const socketOptions = {
  socketTimeout: SOCKET_TIMEOUT_MS,
  connectTimeout: 1500,
  reconnectStrategy: (retries: number) => Math.min(50 * 2 ** Math.min(retries, 10), 1000),
};
/**
 * A command that cannot be sent now fails at once. No command waits to be sent, so the client's own timer for each command is
 * switched off: it would only cost time.
 */
export const clientOptions = {
  pingInterval: 1000,
  disableOfflineQueue: true,
  commandOptions: { timeout: undefined },
  // Redis Enterprise announces its maintenance if asked. Other servers refuse that command, and sending it costs a look-up of
  // the host's name at each connection.
  maintNotifications: 'disabled',
  scripts: SCRIPTS,
} as const;

export const createSingle = (url: string) => createClient({ url, ...clientOptions, socket: socketOptions });
export type RedisClient = ReturnType<typeof createSingle>;
/** Options for connections to the nodes of a Cluster or behind Sentinels. */
export type RedisNodeOptions = Omit<
  Parameters<typeof createClient>[0] & object,
  'url' | 'scripts' | 'modules' | 'functions'
>;

export type OnMessage = (message: string, channel: string) => void;

/** Subscriptions that survive reconnections. The promises resolve once Redis has confirmed. */
export interface BellClient {
  sSubscribe(channel: string, onMessage: OnMessage): Promise<unknown>;
  sUnsubscribe(channel: string, onMessage: OnMessage): Promise<unknown>;
  subscribe(channel: string, onMessage: OnMessage): Promise<unknown>;
  /** The listener is called each time the connection is back, with all its subscriptions. In a Cluster it is never called. */
  onReady(listener: () => void): void;
  destroy(): void;
}
