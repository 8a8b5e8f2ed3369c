import { readdirSync } from 'node:fs';
import type { createClient } from 'redis';
import type { TestProcess } from '../../testing/process.ts';
import { send } from '../client.ts';
import { openInspector, type Insight } from './inspector.ts';

export interface Sample {
  /** Milliseconds since the load began. */
  atMs: number;
  sidecars: SidecarSample[];
  /** Number of keys of streams, people and chats. They must disappear after the load. */
  keys: number;
  /** Number of all other keys. They hold counts for operators, and stay after the load. */
  otherKeys: number;
  clients: number;
  redisBytes: number;
}

export interface SidecarSample extends Insight {
  /** Open files and sockets; `null` without /proc. */
  descriptors: number | null;
  generations: number;
  readers: number;
  followed: number;
}

export interface Sampled {
  url: string;
  process: TestProcess;
  inspectorPort: number;
}

type Db = ReturnType<typeof createClient>;

export async function createSampler({ sidecars, db }: { sidecars: readonly Sampled[]; db: Db }) {
  const inspectors = await Promise.all(sidecars.map(({ inspectorPort }) => openInspector(inspectorPort)));

  async function ofSidecar({ url, process }: Sampled, i: number): Promise<SidecarSample> {
    const { body } = await patiently(() => send(url, { path: '/metrics' }));
    const figure = (name: string) => Number(new RegExp(`^rejoin_${name} (\\d+)$`, 'm').exec(body)?.[1] ?? Number.NaN);
    return {
      ...(await inspectors[i]!.look()),
      descriptors: descriptorsOf(process.pid),
      generations: figure('generations'),
      readers: figure('readers'),
      followed: figure('followed_streams'),
    };
  }

  return {
    async take(atMs: number): Promise<Sample> {
      const [samples, keys, clients, memory] = await Promise.all([
        Promise.all(sidecars.map(ofSidecar)),
        countKeys(db),
        db.info('clients'),
        db.info('memory'),
      ]);
      return {
        atMs,
        sidecars: samples,
        ...keys,
        clients: Number(/connected_clients:(\d+)/.exec(clients)?.[1]),
        redisBytes: Number(/used_memory:(\d+)/.exec(memory)?.[1]),
      };
    },
    close: () => inspectors.forEach((inspector) => inspector.close()),
  };
}

/** Asks up to five times, because a busy machine may answer too late. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let triesLeft = 5; ; triesLeft--) {
    try {
      return await ask();
    } catch (error) {
      if (triesLeft === 1) throw error;
    }
  }
}

const OF_THE_LOAD = /^(stream:|\{stream:|user_streams:|user_chats:|chat:|active_streams$)/;

async function countKeys(db: Db): Promise<{ keys: number; otherKeys: number }> {
  let [keys, otherKeys] = [0, 0];
  for await (const batch of db.scanIterator({ COUNT: 1000 }))
    for (const key of batch) {
      if (OF_THE_LOAD.test(key)) keys += 1;
      else otherKeys += 1;
    }
  return { keys, otherKeys };
}

function descriptorsOf(pid: number): number | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return null; // not Linux
  }
}
