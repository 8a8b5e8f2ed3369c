import { ErrorReply } from 'redis';
import { keySlot } from './key-slot.ts';
import type { BellClient, OnMessage, RedisClient } from './redis-client.ts';
import { masterOf, topologyOf } from './redis-cluster.ts';

const TICK_MS = 250;

interface Wanted {
  onMessage: OnMessage;
  kind: 'sharded' | 'plain';
  slot: number;
  /** The node at which the channel is subscribed; `null` if it must be subscribed (again). */
  node: Node | null;
  /** The node at which the channel is being subscribed; `null` if none. */
  goingTo: Node | null;
  confirm(): void;
}

interface Node {
  address: string;
  client: RedisClient;
  connected: Promise<unknown>;
}

export interface ClusterBellsOptions {
  /** A client that knows the master of each slot. */
  commands: RedisClient;
  /** Creates an unconnected client of one node. The client does not reconnect when its connection is lost. */
  createNode(at: { host: string; port: number }): RedisClient;
}

/**
 * The subscriptions in a Cluster. Each is made at the master of its channel's slot, with one connection per master. node-redis
 * waits until a lost master comes back at the same address, and forgets a subscription when its slot moves to another master. This
 * module instead moves the subscription to the new master, within a quarter of a second after the change is known.
 */
export function createClusterBells({ commands, createNode }: ClusterBellsOptions): BellClient {
  const wanted = new Map<string, Wanted>();
  const nodes = new Map<string, Node>();
  let known: object | null = null;
  let isUnsettled = false;
  let isRefreshing = false;

  /** Gives up a node. Its channels must be subscribed again. */
  function drop(node: Node): void {
    if (nodes.get(node.address) !== node) return;
    nodes.delete(node.address);
    node.client.destroy();
    for (const entry of wanted.values()) if (entry.node === node || entry.goingTo === node) unsettle(entry);
  }

  function unsettle(entry: Wanted): void {
    entry.node = null;
    entry.goingTo = null;
    isUnsettled = true;
  }

  function nodeAt(address: string, at: { host: string; port: number }): Node {
    const existing = nodes.get(address);
    if (existing) return existing;
    const client = createNode(at);
    const node: Node = { address, client, connected: Promise.resolve() };
    nodes.set(address, node);
    client.on('error', () => drop(node));
    client.on('end', () => drop(node));
    // The slot has moved, and Redis has ended the subscription.
    client.on('sharded-channel-moved', (channel: string) => {
      const entry = wanted.get(channel);
      if (entry?.node !== node) return;
      unsettle(entry);
      void refresh();
    });
    node.connected = client.connect();
    node.connected.catch(() => drop(node));
    return node;
  }

  async function place(channel: string, entry: Wanted): Promise<void> {
    const master = masterOf(commands, entry.slot);
    if (master === undefined) return unsettle(entry);
    const node = nodeAt(master.address, master);
    entry.goingTo = node;
    const isWanted = () => wanted.get(channel) === entry && entry.goingTo === node;
    try {
      await node.connected;
      if (!isWanted()) return;
      if (entry.kind === 'sharded') await node.client.sSubscribe(channel, entry.onMessage, true);
      else await node.client.subscribe(channel, entry.onMessage, true);
      if (!isWanted()) {
        // If the channel is wanted again, a new SUBSCRIBE may have been sent. An UNSUBSCRIBE would then end the new subscription.
        if (!wanted.has(channel)) leave(channel, entry, node);
        return;
      }
      entry.node = node;
      entry.confirm();
    } catch (error) {
      // An error reply means that the slot is elsewhere. Any other error means that the connection is gone.
      if (!(error instanceof ErrorReply)) drop(node);
      if (isWanted()) unsettle(entry);
    } finally {
      if (entry.goingTo === node) entry.goingTo = null;
    }
  }

  function leave(channel: string, { kind, onMessage }: Wanted, node: Node | null): void {
    if (node === null || nodes.get(node.address) !== node) return;
    const unsubscribed =
      kind === 'sharded'
        ? node.client.sUnsubscribe(channel, onMessage, true)
        : node.client.unsubscribe(channel, onMessage, true);
    unsubscribed.catch(() => {
      /* the slot has moved or the connection is gone: either has ended the subscription */
    });
  }

  /** Moves every subscription to the node that has its slot now. */
  function settle(): void {
    known = topologyOf(commands);
    isUnsettled = false;
    for (const [channel, entry] of wanted) {
      const address = masterOf(commands, entry.slot)?.address;
      const current = entry.node ?? entry.goingTo;
      if (current !== null && current.address === address && nodes.get(address) === current) continue;
      leave(channel, entry, entry.node);
      entry.node = null;
      void place(channel, entry);
    }
    const inUse = new Set([...wanted.values()].map(({ slot }) => masterOf(commands, slot)?.address));
    for (const node of [...nodes.values()]) if (!inUse.has(node.address)) drop(node);
  }

  /**
   * Chooses a channel that is not subscribed yet, and sends a command to its slot. If the slot has moved, the MOVED reply makes the
   * client read the Cluster's layout again.
   */
  async function refresh(): Promise<void> {
    if (isRefreshing) return;
    isRefreshing = true;
    const [channel] = [...wanted].find(([, { node }]) => node === null) ?? [];
    if (channel !== undefined)
      await commands.exists(channel).catch(() => {
        /* the master of the slot is away; a later tick tries again */
      });
    isRefreshing = false;
    settle();
  }

  const timer = setInterval(() => {
    if (topologyOf(commands) !== known) settle();
    if (isUnsettled) void refresh();
  }, TICK_MS);
  timer.unref();

  function subscribe(channel: string, onMessage: OnMessage, kind: Wanted['kind']): Promise<void> {
    const before = wanted.get(channel);
    if (before) leave(channel, before, before.node);
    return new Promise((resolve) => {
      let isFirst = true;
      const confirm = () => {
        // Notifications during the move were lost. An empty message tells the listener to read the store.
        if (!isFirst && kind === 'sharded') onMessage(Buffer.alloc(0), Buffer.from(channel));
        isFirst = false;
        resolve();
      };
      const entry: Wanted = { onMessage, kind, slot: keySlot(channel), node: null, goingTo: null, confirm };
      wanted.set(channel, entry);
      void place(channel, entry);
    });
  }

  return {
    sSubscribe: (channel, onMessage) => subscribe(channel, onMessage, 'sharded'),
    subscribe: (channel, onMessage) => subscribe(channel, onMessage, 'plain'),
    async sUnsubscribe(channel) {
      const entry = wanted.get(channel);
      if (!entry) return;
      wanted.delete(channel);
      leave(channel, entry, entry.node);
    },
    // On a single server, node-redis also restores subscriptions that nobody wants any more, and callers use `onReady` to end these.
    // This module restores only wanted subscriptions.
    onReady: () => {},
    destroy() {
      clearInterval(timer);
      for (const node of [...nodes.values()]) drop(node);
    },
  };
}
