import { logKey, metaKey, stateKey } from '../sidecar/store/redis/keys.ts';
import type { Database } from './redis/database.ts';

/** Everything that Redis holds of one stream and of its chat. */
export interface StreamKeys {
  meta: ReadonlyMap<string, string>;
  log: string;
  state: string | null;
  chat: ReadonlyMap<string, string>;
  messages: ReadonlyMap<string, { status?: string }>;
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
    log: (db.command('GET', [logKey(streamId)]) as string | null) ?? '',
    state: db.command('GET', [stateKey(streamId)]) as string | null,
    chat,
    messages: new Map(messages.map(([name, json]) => [name.slice(2), JSON.parse(json) as { status?: string }])),
  };
}
