import { fixedReleases, isNewEnough, hasRedisFix, REDIS_ADVISORY } from './redis-version.ts';
import { BY_WORD, NOT_SENTINEL, tooOld, type RedisProblem } from './redis-problem.ts';
import type { ServerFacts } from './server-facts.ts';

/** What an operator should know about a Redis that can be reached. `fail`: data will be lost or cannot be stored. */
export interface Judgement {
  level: 'ok' | 'note' | 'warn' | 'fail';
  /** The subject of the check, in a few words. */
  subject: string;
  found: string;
  advice?: string;
}

/**
 * If the clocks of Redis and of this machine differ by more than this, the age of a chat's answers is shown wrongly. If this
 * machine's clock is the wrong one, access tokens may also be refused.
 */
const MAX_SKEW_MS = 2000;
const NEARLY_FULL = 0.8;

/** Why this server cannot be used although it can be reached; `null` if it can be used. */
export function unfitness({ version, role, mode }: ServerFacts): RedisProblem | null {
  if (mode === 'sentinel') return NOT_SENTINEL;
  if (!isNewEnough(version)) return tooOld(version);
  return role === 'slave' ? BY_WORD.get('READONLY')! : null;
}

const isFull = ({ usedBytes, maxBytes, evictionPolicy, refusal }: ServerFacts): boolean =>
  refusal?.kind === 'full' || (maxBytes > 0 && usedBytes >= maxBytes && evictionPolicy === 'noeviction');

/** What the facts of a usable server mean for streams. */
export const judgeServer = (facts: ServerFacts): Judgement[] => [
  ...securityFix(facts),
  eviction(facts),
  memory(facts),
  persistence(facts),
  clock(facts),
];

function securityFix({ version, isValkey }: ServerFacts): Judgement[] {
  if (hasRedisFix(version, { isValkey })) return [];
  const name = isValkey ? 'Valkey' : 'Redis';
  return [
    {
      level: 'warn',
      subject: 'Redis version',
      found: `${name} ${version} may lack the fix for ${REDIS_ADVISORY}`,
      advice: `Update ${name} to ${fixedReleases(isValkey)}, or to a later release of the same minor version. A Linux distribution may have added the fix to its package and kept the version number.`,
    },
  ];
}

function eviction({ evictionPolicy, maxBytes }: ServerFacts): Judgement {
  const subject = 'Redis eviction';
  if (evictionPolicy === 'noeviction') return { level: 'ok', subject, found: evictionPolicy };
  const advice =
    'An evicted key is a lost answer. Run `redis-cli config set maxmemory-policy noeviction`, and set maxmemory-policy in redis.conf, too.';
  return maxBytes > 0
    ? { level: 'fail', subject, found: `${evictionPolicy}, above ${megabytes(maxBytes)}`, advice }
    : { level: 'warn', subject, found: `${evictionPolicy}, as soon as maxmemory is set`, advice };
}

function memory(facts: ServerFacts): Judgement {
  const { usedBytes, maxBytes } = facts;
  const subject = 'Redis memory';
  const advice = BY_WORD.get('OOM')!.remedy;
  const found = `${megabytes(usedBytes)} ${maxBytes === 0 ? 'used, no limit' : `of ${megabytes(maxBytes)} used`}`;
  if (isFull(facts))
    return { level: 'fail', subject, found: `${found}: Redis is full and refuses new data (OOM)`, advice };
  if (maxBytes === 0)
    return { level: 'note', subject, found, advice: 'On a server, set maxmemory below the memory of the machine.' };
  if (usedBytes < NEARLY_FULL * maxBytes) return { level: 'ok', subject, found };
  return {
    level: 'warn',
    subject,
    found: `${found}: when Redis is full, it ${facts.evictionPolicy === 'noeviction' ? 'refuses new answers' : 'deletes stored answers'}`,
    advice,
  };
}

function persistence({ isAppendOnly, isNotSaving, refusal }: ServerFacts): Judgement {
  const subject = 'Redis on disk';
  const { kind, reason, remedy: advice } = BY_WORD.get('MISCONF')!;
  if (refusal?.kind === kind) return { level: 'fail', subject, found: `Redis ${reason}`, advice };
  if (isNotSaving) return { level: 'warn', subject, found: 'the last save to disk failed', advice };
  return isAppendOnly
    ? { level: 'ok', subject, found: 'append-only file' }
    : {
        level: 'warn',
        subject,
        found: 'no append-only file',
        advice: 'A restart of Redis may lose answers and conversations: set `appendonly yes`.',
      };
}

function clock({ clockAheadMs }: ServerFacts): Judgement {
  const seconds = (Math.abs(clockAheadMs) / 1000).toFixed(1);
  if (Math.abs(clockAheadMs) <= MAX_SKEW_MS)
    return { level: 'ok', subject: 'Redis clock', found: `within ${seconds} s of ours` };
  return {
    level: 'warn',
    subject: 'Redis clock',
    found: `${seconds} s ${clockAheadMs > 0 ? 'ahead of' : 'behind'} ours`,
    advice: 'Let both machines follow NTP.',
  };
}

const megabytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(bytes < 10 * 1024 ** 2 ? 1 : 0)} MB`;
