import { until } from '../scripts/shared/wait.ts';
import {
  checkLog,
  checkOutcome,
  checkReader,
  checkReaderAlone,
  textOf,
  type Interference,
  type StoredStream,
} from './checker.ts';
import type { Client } from './client.ts';
import type { Profile } from './faults.ts';
import { parseLog } from './frames.ts';
import { keptText, type KeptMessage } from './kept-message.ts';
import type { Random } from './random.ts';
import type { ReaderRecord } from './reader.ts';
import type { RedisView } from './stored.ts';
import type { TurnPlan } from './turn-plan.ts';

export interface Audited {
  streamId: string;
  chatId: string;
  messageId: string;
  turn: TurnPlan;
  readers: ReaderRecord[];
  interference: Interference;
  /** True if the turn may have been taken out of the queue. In that case its message may be missing from the conversation. */
  mayBeTakenOut: boolean;
}

export interface Verdict {
  /** The last status, with the error code if there is one. Begins with `lost` if Redis lost the stream. */
  outcome: string;
  /** The log in Redis; empty if there is none. */
  log: Buffer;
  bytes: number;
  problems: string[];
}

const ENDED_WITHIN_MS = 60_000;
const KEPT_WITHIN_MS = 60_000;

/** Compares what Redis, the readers and the sidecars know about one stream, after its readers have finished. */
export async function auditStream({
  audited,
  view,
  client,
  random,
  profile,
}: {
  audited: Audited;
  view: RedisView;
  client: Client;
  random: Random;
  profile: Profile;
}): Promise<Verdict> {
  const { streamId, turn, readers, interference } = audited;
  const problems: string[] = [];
  for (const reader of readers) {
    problems.push(...reader.problems.map((problem) => `${reader.name}: ${problem}`));
    if (reader.end === 'gave up' && reader.problems.length === 0)
      problems.push(`${reader.name} did not reach the end; its last event is ${reader.lastEventId}`);
    if (reader.problems.length === 0)
      problems.push(...checkReaderAlone(reader, turn).map((problem) => `${reader.name}, without the log: ${problem}`));
  }

  const stored = await endOf(streamId, view);
  if (stored === null) {
    if (profile === 'durable') problems.push('Redis has no such stream');
    const hadEnded = interference.cancelAnswers.length > 0 || readers.some(({ hasDone }) => hasDone);
    return { outcome: hadEnded ? 'lost after its end' : 'lost', log: Buffer.alloc(0), bytes: 0, problems };
  }
  if (isRunning(stored))
    return {
      outcome: stored.status,
      log: stored.log,
      bytes: stored.log.length,
      problems: [...problems, `did not end: ${stored.status}`],
    };

  problems.push(...checkLog(stored, turn));
  if (problems.length === 0) {
    const lostChat = profile !== 'durable';
    const known = lostChat ? { ...interference, cancelAnswers: [], lostChat } : interference;
    problems.push(...checkOutcome(stored, turn, known));
    for (const reader of readers.filter((candidate) => isOfThisLog(candidate, stored, profile)))
      problems.push(...checkReader(reader, stored).map((problem) => `${reader.name} ${problem}`));
    if (profile === 'durable') problems.push(...(await checkAnswers({ audited, stored, client, random })));
  }
  return { outcome: outcomeOf(stored), log: stored.log, bytes: stored.log.length, problems };
}

const outcomeOf = ({ status, errorCode }: StoredStream): string =>
  errorCode === null ? status : `${status} (${errorCode})`;

const isRunning = ({ status }: StoredStream): boolean => ['queued', 'active', 'sealed'].includes(status);

async function endOf(streamId: string, view: RedisView): Promise<StoredStream | null> {
  let stored: StoredStream | null = null;
  const hasEnded = async () => {
    stored = await view.stream(streamId);
    return stored === null || !isRunning(stored);
  };
  await until(hasEnded, { everyMs: 200, signal: AbortSignal.timeout(ENDED_WITHIN_MS) });
  return stored;
}

/** If Redis lost the end that a reader saw, the log has another end now. Such a reader is not compared with the log. */
function isOfThisLog(reader: ReaderRecord, { epoch, log }: StoredStream, profile: Profile): boolean {
  return profile === 'durable' || reader.lastEventId === `${epoch}-${log.length}`;
}

/** Checks that the sidecars' responses about the stream match Redis. */
async function checkAnswers({
  audited: { streamId, chatId, messageId, mayBeTakenOut },
  stored,
  client,
  random,
}: {
  audited: Audited;
  stored: StoredStream;
  client: Client;
  random: Random;
}): Promise<string[]> {
  const problems: string[] = [];
  const text = textOf(parseLog(stored.log));
  const ask = async <T>(path: string): Promise<T> =>
    JSON.parse((await client.ask({ path }, { random, withinMs: KEPT_WITHIN_MS })).body) as T;

  const state = await ask<Record<string, unknown>>(`/streams/${streamId}`);
  const expected = {
    status: stored.status,
    bytes: stored.log.length,
    sha256: stored.sha256,
    lastEventId: `${stored.epoch}-${stored.log.length}`,
  };
  for (const [name, value] of Object.entries(expected))
    if (state[name] !== value)
      problems.push(`the sidecar says ${name} ${String(state[name])}, Redis says ${String(value)}`);

  const chat = await ask<{ messages?: KeptMessage[] }>(`/chats/${chatId}?at=${messageId}`);
  const kept = chat.messages?.find(({ id }) => id === messageId);
  const isTakenOut = mayBeTakenOut && stored.status === 'cancelled' && text === '';
  if (kept === undefined) {
    if (!isTakenOut) problems.push('the conversation does not contain the message');
  } else if (kept.status !== stored.status) problems.push(`the message was stored with the status ${kept.status}`);
  else if (keptText(kept) !== text) problems.push('the message was stored with another text');

  if (stored.status !== 'error' && random.chance(0.2)) {
    const path = `/streams/${streamId}/events`;
    const plain = await client.ask({ path, headers: { accept: 'text/plain' } }, { random, withinMs: KEPT_WITHIN_MS });
    if (plain.body !== text) problems.push('the answer as plain text is not the text of the log');
  }
  return problems;
}
