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
 * A command that cannot be sent right away fails. The client's own timer for each command covers only the time before the command
 * is sent. No command waits to be sent, so the timer is switched off.
 */
export const clientOptions = {
  pingInterval: 1000,
  disableOfflineQueue: true,
  commandOptions: { timeout: undefined },
  // With this option on, the client asks each server to announce its maintenance. Only Redis Enterprise can do that, and asking
  // costs a look-up of the host's name at each connection.
  maintNotifications: 'disabled',
  scripts: SCRIPTS,
} as const;

export const createSingle = (url: string) => createClient({ url, ...clientOptions, socket: socketOptions });
export type RedisClient = ReturnType<typeof createSingle>;
/** Options for connections to the nodes of a Cluster, or to servers that Sentinels watch. */
export type RedisNodeOptions = Omit<
  Parameters<typeof createClient>[0] & object,
  'url' | 'scripts' | 'modules' | 'functions'
>;

export type OnMessage = (message: Buffer, channel: Buffer) => void;

/** Subscriptions that survive reconnections. The promises resolve once Redis has confirmed the command. */
export interface BellClient {
  sSubscribe(channel: string, onMessage: OnMessage): Promise<unknown>;
  sUnsubscribe(channel: string, onMessage: OnMessage): Promise<unknown>;
  subscribe(channel: string, onMessage: OnMessage): Promise<unknown>;
  /** Calls the listener each time the client has connected and has restored its subscriptions. In a Cluster, never calls it. */
  onReady(listener: () => void): void;
  destroy(): void;
}
