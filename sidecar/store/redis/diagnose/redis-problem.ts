import { ErrorReply } from 'redis';

/** Why Redis cannot be used, in words for people. */
export interface RedisProblem {
  kind: RedisProblemKind;
  /** Continues "Redis at <address> …", often with the code of the error in brackets. Contains no address and no secret. */
  reason: string;
  /** What an operator can do about it. */
  remedy: string;
}

export type RedisProblemKind =
  | 'wrong_login'
  | 'no_permission'
  | 'unknown_host'
  | 'closed_port'
  | 'unreachable'
  | 'silent'
  | 'not_tls'
  | 'tls'
  | 'certificate'
  | 'not_redis'
  | 'no_database'
  | 'not_a_cluster'
  | 'a_cluster'
  | 'no_master'
  | 'replica'
  | 'too_old'
  | 'full'
  | 'not_saving'
  | 'loading'
  | 'busy'
  | 'cluster_down'
  | 'closed_connection'
  | 'unknown';

/** The known meanings of socket errors, by code. */
const BY_CODE = new Map<string, RedisProblem>([
  [
    'ENOTFOUND',
    {
      kind: 'unknown_host',
      reason: 'cannot be found: there is no host of this name',
      remedy: 'Correct the host in REDIS_URL (or REDIS_HOST), or this machine’s name service.',
    },
  ],
  [
    'EAI_AGAIN',
    {
      kind: 'unknown_host',
      reason: 'cannot be found: the name service does not answer (EAI_AGAIN)',
      remedy: 'Correct the host in REDIS_URL (or REDIS_HOST), or this machine’s name service.',
    },
  ],
  [
    'ECONNREFUSED',
    {
      kind: 'closed_port',
      reason: 'cannot be reached: nothing listens on this port (ECONNREFUSED)',
      remedy: 'Start Redis there, or correct host and port in REDIS_URL (or REDIS_HOST, REDIS_PORT).',
    },
  ],
  ...['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT', 'EHOSTDOWN'].map((code): [string, RedisProblem] => [
    code,
    {
      kind: 'unreachable',
      reason: `cannot be reached over the network (${code})`,
      remedy: 'Check the address in REDIS_URL (or REDIS_HOST), and the firewalls and routes between the two machines.',
    },
  ]),
]);

/** The known meanings of Redis's error replies, by their first word. */
export const BY_WORD: ReadonlyMap<string, RedisProblem> = new Map<string, RedisProblem>([
  [
    'NOAUTH',
    {
      kind: 'wrong_login',
      reason: 'asks for a password, and none is set here (NOAUTH)',
      remedy: 'Set REDIS_PASSWORD, or give user and password in REDIS_URL (redis://user:password@host:port).',
    },
  ],
  [
    'WRONGPASS',
    {
      kind: 'wrong_login',
      reason: 'refuses the user or the password (WRONGPASS)',
      remedy:
        'Correct REDIS_USERNAME and REDIS_PASSWORD, or give user and password in REDIS_URL (redis://user:password@host:port, special characters percent-encoded, such as @ as %40).',
    },
  ],
  [
    'NOPERM',
    {
      kind: 'no_permission',
      reason: 'lets this user in, but does not permit a command or key that is needed (NOPERM)',
      remedy: 'Give the user the rights in docs/security.md (ACL SETUSER …).',
    },
  ],
  [
    'READONLY',
    {
      kind: 'replica',
      reason: 'is a read-only replica (READONLY)',
      remedy: 'Name the master in REDIS_URL, or its Sentinels in REDIS_SENTINELS.',
    },
  ],
  [
    'OOM',
    {
      kind: 'full',
      reason: 'is full and refuses new data (OOM, maxmemory reached)',
      remedy:
        'Raise maxmemory, lower STREAM_TTL_SECONDS, or free memory at once: `npm run streams -- cleanup --force`.',
    },
  ],
  [
    'MISCONF',
    {
      kind: 'not_saving',
      reason: 'refuses to write because it could not save to its disk (MISCONF)',
      remedy:
        'Look at Redis’s own log. Free space on the disk of Redis, or let Redis write to its folder. After the next successful save, Redis accepts writes again.',
    },
  ],
  [
    'LOADING',
    {
      kind: 'loading',
      reason: 'is still loading its data from disk (LOADING)',
      remedy: 'Wait: Redis is used as soon as it is ready.',
    },
  ],
  [
    'BUSY',
    {
      kind: 'busy',
      reason: 'is held up by a script of another program (BUSY)',
      remedy: 'Wait, or end that script: `redis-cli script kill`.',
    },
  ],
  [
    'NOREPLICAS',
    {
      kind: 'busy',
      reason: 'refuses to write because too few of its replicas are connected (NOREPLICAS)',
      remedy: 'Start its replicas, or lower min-replicas-to-write.',
    },
  ],
  [
    'MASTERDOWN',
    {
      kind: 'replica',
      reason: 'is a replica without a connection to its master (MASTERDOWN)',
      remedy: 'Name the master in REDIS_URL, or its Sentinels in REDIS_SENTINELS.',
    },
  ],
  [
    'CLUSTERDOWN',
    {
      kind: 'cluster_down',
      reason: 'is part of a Cluster that is down (CLUSTERDOWN)',
      remedy: 'Look at `redis-cli cluster info`: each slot needs a running master.',
    },
  ],
  ...['MOVED', 'CROSSSLOT'].map((word): [string, RedisProblem] => [
    word,
    {
      kind: 'a_cluster',
      reason: `is a node of a Cluster (${word})`,
      remedy: 'Name some of its nodes in REDIS_CLUSTER_NODES instead of REDIS_URL.',
    },
  ]),
]);

export const NOT_TLS: RedisProblem = {
  kind: 'not_tls',
  reason: 'does not speak TLS on this port',
  remedy: 'Write redis:// instead of rediss:// in REDIS_URL, or give the port on which Redis speaks TLS.',
};
export const TLS_WANTED: RedisProblem = {
  kind: 'tls',
  reason: 'speaks only TLS on this port',
  remedy: 'Write rediss:// instead of redis:// in REDIS_URL, or give the port on which Redis speaks without TLS.',
};
export const NOT_REDIS: RedisProblem = {
  kind: 'not_redis',
  reason: 'answers, but does not speak Redis’s protocol',
  remedy: 'Another program has this port: correct host and port in REDIS_URL (or REDIS_HOST, REDIS_PORT).',
};
export const SILENT: RedisProblem = {
  kind: 'silent',
  reason: 'can be reached but did not answer in time: it is frozen, busy or overloaded',
  remedy: 'Try `redis-cli --latency`, and SLOWLOG GET once Redis answers.',
};
const NOT_ACCEPTED: RedisProblem = {
  kind: 'unreachable',
  reason: 'cannot be reached: it did not accept the connection in time',
  remedy: 'Check the address in REDIS_URL (or REDIS_HOST), and the firewalls and routes between the two machines.',
};
const CLOSED: RedisProblem = {
  kind: 'closed_connection',
  reason: 'closes the connection without an answer',
  remedy: 'Redis may be shutting down, be at its limit of clients, or expect TLS on this port. Look at its own log.',
};
const NO_CONTACT: RedisProblem = {
  kind: 'unknown',
  reason: 'has not been reached yet',
  remedy: '`npm run doctor` tries each step of the connection.',
};
export const tooOld = (version: string): RedisProblem => ({
  kind: 'too_old',
  reason: `is version ${version}, which is too old`,
  remedy: 'Redis 7 or newer (or Valkey) is needed.',
});

/**
 * True if the error behind this problem can have several causes, which only a diagnosis (`diagnose-redis.ts`) can tell apart. For
 * example, a server without TLS does not answer a TLS handshake, and a server with TLS closes a connection that sends plain text.
 */
export const isAmbiguous = ({ kind }: RedisProblem): boolean =>
  kind === 'unknown' || kind === 'closed_connection' || kind === 'silent' || kind === 'unreachable';

/** The meaning of an error of the Redis client, of its socket, or of Redis itself. */
export function explainRedisError(thrown: unknown): RedisProblem {
  for (const error of causesOf(thrown)) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
    const known = BY_CODE.get(code) ?? BY_WORD.get(/^[A-Z]+(?=\b)/.exec(error.message)?.[0] ?? '');
    if (known) return known;
    if (code === 'ERR_SSL_WRONG_VERSION_NUMBER' || code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG') return NOT_TLS;
    if (/CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/.test(code)) return certificate(code);
    if (/unknown RESP type/i.test(error.message)) return NOT_REDIS;
    if (/DB index is out of range|invalid DB index/i.test(error.message)) return NO_DATABASE;
    if (/cluster support disabled/i.test(error.message)) return NOT_A_CLUSTER;
    if (/No such master|specified sentinels/i.test(error.message)) return NO_MASTER;
    if (/did not answer/i.test(error.message)) return SILENT;
    if (/connection timeout/i.test(error.message)) return NOT_ACCEPTED;
    if (code === 'ECONNRESET' || code === 'EPIPE' || /closed unexpectedly|socket closed/i.test(error.message))
      return CLOSED;
    if (error instanceof ErrorReply) return errorReply(error);
  }
  return NO_CONTACT;
}

/** An error that Redis itself has sent. Only its first word is shown, because the rest may contain arguments of the command. */
const errorReply = ({ message }: Error): RedisProblem => ({
  kind: 'unknown',
  reason: `answers with the error ${/^[A-Z]+/.exec(message)?.[0] ?? 'ERR'}`,
  remedy: '`npm run doctor` tries each step of the connection.',
});

const certificate = (code: string): RedisProblem => ({
  kind: 'certificate',
  reason: `has a TLS certificate that is not trusted here (${code})`,
  remedy:
    'Set NODE_EXTRA_CA_CERTS to the file of the authority’s certificate, and use a host name that is in the server’s certificate.',
});
const NO_DATABASE: RedisProblem = {
  kind: 'no_database',
  reason: 'has no database with the number in REDIS_URL',
  remedy: 'Correct the number at the end of REDIS_URL (redis://host:port/0), or leave it out.',
};
const NOT_A_CLUSTER: RedisProblem = {
  kind: 'not_a_cluster',
  reason: 'is a single server, not a Cluster',
  remedy: 'Name it in REDIS_URL instead of REDIS_CLUSTER_NODES.',
};
export const NOT_SENTINEL: RedisProblem = {
  kind: 'not_redis',
  reason: 'is a Sentinel, which stores nothing',
  remedy: 'Name it in REDIS_SENTINELS instead of REDIS_URL.',
};
export const NO_MASTER: RedisProblem = {
  kind: 'no_master',
  reason: 'is not known to these Sentinels as a master',
  remedy: 'Correct REDIS_SENTINELS and REDIS_SENTINEL_NAME: `redis-cli -p 26379 sentinel masters` lists the names.',
};

const MAX_CAUSES = 5;

/** An error, the errors it contains, and their causes. The innermost comes first, because it is the most specific. */
function causesOf(thrown: unknown, depth = 0): Error[] {
  if (!(thrown instanceof Error) || depth > MAX_CAUSES) return [];
  const inner = thrown instanceof AggregateError ? (thrown.errors as unknown[]) : [];
  return [...inner, thrown.cause].flatMap((error) => causesOf(error, depth + 1)).concat(thrown);
}

/** One sentence: what is wrong, and where. */
export const redisSentence = (where: string, { reason }: RedisProblem): string => `Redis at ${where} ${reason}.`;
