/** What answers at the address of a possible Redis server. */
export type RedisAnswer =
  /** Nothing listens there, or what listens there is not a Redis. */
  | { kind: 'silent' }
  /** A Redis that refuses INFO. `reason`: its error message. */
  | { kind: 'refused'; reason: string }
  | { kind: 'redis'; version: string; mode: string; role: string; pid: number; isLoading: boolean };

/** Parses the reply to INFO (`$<bytes>\r\n<text>\r\n`, or `-<error>\r\n`). `null` while it is incomplete. */
export function parseInfoReply(reply: string): RedisAnswer | null {
  const end = reply.indexOf('\r\n');
  if (end < 0) return reply.length > 64 ? { kind: 'silent' } : null;
  const head = reply.slice(1, end);
  if (reply[0] === '-') return { kind: 'refused', reason: head };
  if (reply[0] !== '$') return { kind: 'silent' };
  const text = reply.slice(end + 2);
  if (Buffer.byteLength(text) < Number(head)) return null;
  const field = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(text)?.[1] ?? '';
  return {
    kind: 'redis',
    version: field('redis_version'),
    mode: field('redis_mode'),
    role: field('role'),
    pid: Number(field('process_id')),
    isLoading: field('loading') === '1',
  };
}
