import { StoreUnavailable } from '../sidecar/store/streams/stream-store.ts';
import type { BellClient, OnMessage, RedisClient } from '../sidecar/store/redis/redis-client.ts';
import type { RedisConnection } from '../sidecar/store/redis/redis-connection.ts';
import { createClient, type Request, type Send } from './redis/client.ts';
import { createDatabase, type Database, type Reply } from './redis/database.ts';
import { createScriptRunner } from './redis/lua.ts';
import type { Host, VirtualTime } from './virtual-time.ts';

/** One thing that may happen next. */
export interface Option {
  /** As it stands in a story: `A append 0–80`. */
  label: string;
  /** `step`: the ordinary course of things. `time`: a timer fires. `person`: somebody does something. `fault`: the rest. */
  kind: 'step' | 'time' | 'person' | 'fault';
  /** Who does it, for strategies that give each actor a priority. */
  actor: string;
  run(): void;
}

/** A call that a sidecar has made and Redis has not answered. */
interface Call {
  request: Request;
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/** One TCP connection: Redis answers its calls in their order. */
interface Wire {
  host: Host;
  name: string;
  calls: Call[];
}

interface Link {
  host: Host;
  wires: Wire[];
  subscriptions: Map<string, Set<OnMessage>>;
  /** Messages that Redis has published and this process has not heard. */
  messages: { channel: string; message: string }[];
  calmAt: number;
  wasAway: boolean;
  onReturn: Set<() => void>;
  onReady: Set<() => void>;
}

/** Between losing a connection and having another. */
const RECONNECT_MS = 50;
const CALL_DEADLINE_MS = 4000;

/** Redis and the lines to it. Nothing happens by itself: what may happen next are {@link World.options}. */
export interface World {
  db: Database;
  /** A connection for one sidecar, as `connectRedis` makes it. */
  connect(host: Host, leaseMs: number): RedisConnection;
  /** `withFaults`: also replies that are lost, connections that break, and so on. */
  options(withFaults: boolean): Option[];
  kill(host: Host): void;
  /** Redis restarts; the last `lostSteps` writes were not on its disk. Returns how many were lost. */
  restart(lostSteps: number): number;
  /** Called with every call that Redis has executed. */
  onExecuted: (host: Host, request: Request, reply: Reply) => void;
}

export function createWorld(time: VirtualTime): World {
  const db = createDatabase(time.now);
  const scripts = createScriptRunner(db);
  const links: Link[] = [];

  db.onPublish = (channel, message) => {
    for (const link of links)
      if (!link.host.isDead && link.subscriptions.has(channel)) link.messages.push({ channel, message });
  };

  function execute(request: Request): Reply {
    const { name, script, keys, args } = request;
    return db.step(() => (script === undefined ? db.command(name, args) : scripts.run(script, keys, args)));
  }

  function answer(wire: Wire, call: Call): void {
    let reply: Reply;
    try {
      reply = execute(call.request);
    } catch (error) {
      time.as(wire.host, () => call.reject(error as Error));
      return;
    }
    world.onExecuted(wire.host, call.request, reply);
    time.as(wire.host, () => call.resolve(reply));
  }

  /** The connection breaks: nobody knows which of its calls took effect. */
  function reset(link: Link, wire: Wire): void {
    const calls = wire.calls.splice(0);
    link.calmAt = Number.POSITIVE_INFINITY;
    time.as(link.host, () => {
      for (const call of calls) call.reject(new StoreUnavailable('the connection was lost'));
      setTimeout(() => {
        link.wasAway = true;
        link.calmAt = time.now() + leaseOf.get(link)!;
        for (const listener of [...link.onReturn, ...link.onReady]) listener();
      }, RECONNECT_MS);
    });
  }
  const leaseOf = new Map<Link, number>();

  function connect(host: Host, leaseMs: number): RedisConnection {
    const link: Link = {
      host,
      wires: [],
      subscriptions: new Map(),
      messages: [],
      calmAt: time.now(),
      wasAway: false,
      onReturn: new Set(),
      onReady: new Set(),
    };
    links.push(link);
    leaseOf.set(link, leaseMs);
    const wire = (name: string): Send => {
      const made: Wire = { host, name, calls: [] };
      link.wires.push(made);
      return (request) =>
        new Promise<Reply>((resolve, reject) => {
          if (!host.isDead) made.calls.push({ request, resolve, reject });
        });
    };
    const [toCommands, toPages, toBulk] = [wire(''), wire(' pages'), wire(' bulk')];
    const text = (send: Send) => createClient(send) as unknown as RedisClient;
    const buffers = (send: Send) => createClient(send, { asBuffers: true }) as unknown as RedisClient;
    const call = <T>(promise: Promise<T>) =>
      new Promise<T>((resolve, reject) => {
        const deadline = setTimeout(() => reject(new StoreUnavailable('no answer in time')), CALL_DEADLINE_MS);
        promise.then(
          (value) => (clearTimeout(deadline), resolve(value)),
          (error: unknown) => (clearTimeout(deadline), reject(error as Error)),
        );
      });
    const bells: BellClient = {
      async sSubscribe(channel, onMessage) {
        await confirm('SSUBSCRIBE', channel);
        link.subscriptions.set(channel, (link.subscriptions.get(channel) ?? new Set()).add(onMessage));
      },
      async sUnsubscribe(channel, onMessage) {
        await confirm('SUNSUBSCRIBE', channel);
        link.subscriptions.get(channel)?.delete(onMessage);
        if (link.subscriptions.get(channel)?.size === 0) link.subscriptions.delete(channel);
      },
      subscribe: (channel, onMessage) => bells.sSubscribe(channel, onMessage),
      onReady: (listener) => void link.onReady.add(listener),
      destroy: () => {},
    };
    const commands = text(toCommands);
    const confirm = (name: string, channel: string) => commands.exists(`${name} ${channel}`);
    return {
      commands,
      pages: buffers(toPages),
      bulk: buffers(toBulk),
      bulkText: text(toBulk),
      bells,
      isCluster: false,
      call,
      callBulk: call,
      masters: async () => [commands],
      bulkMasters: async () => [text(toBulk)],
      isCalm: () => time.now() >= link.calmAt,
      readiness: async () => null,
      wasAway: () => link.wasAway && time.now() < link.calmAt,
      onReconnect: (listener: () => void) => void link.onReturn.add(listener),
      close: () => {},
    };
  }

  function ordinary(link: Link): Option[] {
    const { name: actor } = link.host;
    const options: Option[] = [];
    for (const wire of link.wires) {
      const [call] = wire.calls;
      if (call === undefined) continue;
      options.push({
        // A story needs few of the labels, and making one takes time.
        get label() {
          return `${actor}${wire.name} ${describe(call.request)}`;
        },
        kind: 'step',
        actor,
        run: () => answer(wire, wire.calls.shift()!),
      });
    }
    if (link.messages.length > 0) {
      const run = () => {
        const { channel, message } = link.messages.shift()!;
        time.as(link.host, () => {
          for (const onMessage of link.subscriptions.get(channel) ?? []) onMessage(message, channel);
        });
      };
      options.push({ label: `${actor} hears ${link.messages[0]!.channel}`, kind: 'step', actor, run });
    }
    return options;
  }

  function faults(link: Link): Option[] {
    const { name: actor } = link.host;
    const options: Option[] = [];
    const fault = (label: () => string, run: () => void) =>
      options.push({
        get label() {
          return label();
        },
        kind: 'fault',
        actor,
        run,
      });
    for (const wire of link.wires) {
      const [call] = wire.calls;
      if (call === undefined) continue;
      const what = () => `${actor}${wire.name} ${describe(call.request)}`;
      fault(
        () => `${what()} · reply lost`,
        () => {
          const { request, reject } = wire.calls.shift()!;
          try {
            world.onExecuted(link.host, request, execute(request));
          } catch {
            // the reply is lost in any case
          }
          time.as(link.host, () => reject(new StoreUnavailable('the connection was lost')));
          reset(link, wire);
        },
      );
      fault(
        () => `${what()} · never arrives`,
        () => reset(link, wire),
      );
    }
    if (link.messages.length > 0)
      fault(
        () => `${actor} misses a message`,
        () => void link.messages.shift(),
      );
    return options;
  }

  const world: World = {
    db,
    connect,
    onExecuted: () => {},
    options(withFaults) {
      const live = links.filter(({ host }) => !host.isDead && host.frozen === null);
      return live.flatMap((link) => [...ordinary(link), ...(withFaults ? faults(link) : [])]);
    },
    kill(host) {
      host.isDead = true;
      for (const link of links) {
        if (link.host !== host) continue;
        for (const wire of link.wires) wire.calls = [];
        link.messages = [];
        link.subscriptions.clear();
      }
    },
    restart(lostSteps) {
      const lost = db.forget(lostSteps);
      for (const link of links) {
        if (link.host.isDead) continue;
        link.messages = [];
        for (const wire of link.wires) reset(link, wire);
      }
      return lost;
    },
  };
  return world;
}

/** A call in a few words: its name, and what tells it from others of the same name. */
function describe({ name, script, keys, args }: Request): string {
  if (name === 'append') return `append at ${args[1]} (${args[2]?.length} bytes)`;
  const [key = ''] = script === undefined ? args : keys;
  return `${name} ${key.replace(/([a-z2-7]{4})[a-z2-7]{22}/, '$1…')}`;
}
