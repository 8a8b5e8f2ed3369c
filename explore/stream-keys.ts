import { unpackLog } from '../sidecar/store/streams/packed-log.ts';
import { logKey, metaKey, stateKey } from '../sidecar/store/redis/keys.ts';
import type { Database } from './redis/database.ts';

interface KeptMessage {
  status?: string;
  parts?: { text?: string }[];
}

export interface StreamKeys {
  meta: ReadonlyMap<string, string>;
  /** The log as readers see it, unpacked, in Latin-1. */
  log: string;
  state: string | null;
  chat: ReadonlyMap<string, string>;
  messages: ReadonlyMap<string, KeptMessage>;
}

export function keysOf(db: Database, streamId: string, chatKey: string): StreamKeys {
  const hash = (key: string) => {
    const flat = db.command('HGETALL', [key]) as string[];
    return new Map(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, flat[i + 1]!] as const] : [])));
  };
  const chat = hash(chatKey);
  const messages = [...chat].filter(([name]) => name.startsWith('m:'));
  return {
    meta: hash(metaKey(streamId)),
    log: logOf(db, streamId) ?? '',
    state: db.command('GET', [stateKey(streamId)]) as string | null,
    chat,
    messages: new Map(messages.map(([name, json]) => [name.slice(2), JSON.parse(json) as KeptMessage])),
  };
}

/** The log of a stream in Latin-1, unpacked (PROTOCOL.md 8.7). `null` if there is none. */
export function logOf(db: Database, streamId: string): string | null {
  const get = (key: string) => db.command('GET', [key]) as string | null;
  const log = get(logKey(streamId));
  const index = db.command('HGET', [metaKey(streamId), 'packed']) as string | null;
  if (log === null || index === null) return log;
  const bytes = (text: string | null) => Buffer.from(text ?? '', 'latin1');
  return unpackLog(bytes(log), index, bytes(get(stateKey(streamId)))).toString('latin1');
}
