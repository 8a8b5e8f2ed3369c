import { pause } from '../scripts/shared/wait.ts';
import { auditStream, type Verdict } from './audit.ts';
import type { MadeBranch } from './branches/branch-plan.ts';
import { checkBranch } from './branches/check-branch.ts';
import { makeBranch } from './branches/make-branch.ts';
import type { Interference } from './checker.ts';
import type { Client } from './client.ts';
import type { Profile } from './faults.ts';
import type { Random } from './random.ts';
import { readToEnd, type ReaderRecord } from './reader.ts';
import type { RedisView } from './stored.ts';
import type { TurnPlan } from './turn-plan.ts';

export interface StreamResult extends Verdict {
  streamId: string;
  modelId: string;
  readers: ReaderRecord[];
  branches: MadeBranch[];
  /** What became of a turn that had to wait. `taken out`: somebody removed it from the queue. */
  queued?: 'answered' | 'taken out' | 'lost';
}

export interface TurnSurroundings {
  client: Client;
  chatId: string;
  view: RedisView;
  profile: Profile;
}

const STARTED_WITHIN_MS = 60_000;
/** Time that a stream may take because of faults, in addition to its own duration. */
export const PATIENCE_MS = 120_000;

export interface TurnStart {
  messageId: string;
  questionId: string;
  text: string;
  whenBusy?: 'queue' | 'interrupt';
}

/** Sends the same request for a stream as often as planned. `streamId` is `null` if no stream was started; `problems` says why. */
export async function startTurn({
  client,
  chatId,
  profile,
  turn,
  start: { messageId, questionId, text, whenBusy },
  random,
}: TurnSurroundings & { turn: TurnPlan; start: TurnStart; random: Random }): Promise<{
  streamId: string | null;
  /** True if at least one response said that the turn waits in the queue. */
  waits: boolean;
  problems: string[];
}> {
  const body = {
    chatId,
    messageId,
    modelId: turn.modelId,
    messages: [{ id: questionId, role: 'user', content: text }],
    ...(whenBusy ? { whenBusy } : {}),
  };
  const problems: string[] = [];
  let waits = false;
  const streamIds = await Promise.all(
    Array.from({ length: turn.starts }, async (_start, copy) => {
      const call = { method: 'POST', path: '/streams', body } as const;
      // If Redis lost the end of the previous answer, that answer is being written again, and the request gets a 409.
      const passing = profile === 'lossy' ? 409 : undefined;
      return client.ask(call, { random: random.fork(`start-${copy}`), withinMs: STARTED_WITHIN_MS, passing });
    }),
  ).then(
    (answers) =>
      answers.map(({ status, body: answer }) => {
        waits ||= status === 202;
        if ([200, 201, 202].includes(status)) return (JSON.parse(answer) as { streamId: string }).streamId;
        problems.push(`a request for a stream was answered ${status} ${answer}`);
        return null;
      }),
    (error: unknown) => {
      problems.push(error instanceof Error ? error.message : String(error));
      return [null];
    },
  );
  const given = streamIds.filter((id) => id !== null);
  const [streamId = null] = given;
  if (new Set(given).size > 1) problems.push(`the same request got several streams: ${given.join(', ')}`);
  return { streamId, waits, problems };
}

export interface Followed {
  readers: ReaderRecord[];
  branches: MadeBranch[];
}

/** Reads a stream as planned, and makes branches of it meanwhile. */
export async function followTurn({
  client,
  chatId,
  view,
  profile,
  turn,
  streamId,
  messageId,
  patienceMs = turn.durationMs + PATIENCE_MS,
  random,
}: TurnSurroundings & {
  turn: TurnPlan;
  streamId: string;
  messageId: string;
  patienceMs?: number;
  random: Random;
}): Promise<Followed> {
  let seen: string | null = null;
  const [readers, branches] = await Promise.all([
    Promise.all(
      turn.readers.map((plan, number) =>
        readToEnd({
          name: `reader ${number}`,
          streamId,
          client,
          plan,
          random: random.fork(`reader-${number}`),
          giveUpAfterMs: patienceMs,
          mayBeGone: profile === 'lossy',
          logLength: async () => (await view.stream(streamId))?.log.length ?? 0,
          onEvent: (eventId) => (seen = eventId),
        }),
      ),
    ),
    Promise.all(
      turn.branches.map((plan, number) =>
        makeBranch({
          plan,
          origin: { chatId, messageId, streamId },
          forkId: `${chatId}-${messageId}-branch-${number}`,
          lastSeen: () => seen,
          client,
          view,
          random: random.fork(`branch-${number}`),
        }),
      ),
    ),
  ]);
  return { readers, branches: branches.filter((branch) => branch !== null) };
}

/** Checks a stream and its branches after its readers have finished. */
export async function auditTurn({
  streamId,
  messageId,
  turn,
  readers,
  branches,
  interference,
  mayBeTakenOut = false,
  problems,
  random,
  ...surroundings
}: TurnSurroundings &
  Followed & {
    streamId: string;
    messageId: string;
    turn: TurnPlan;
    interference: Interference;
    /** True if the turn may have been taken out of the queue. In that case its message may be missing from the conversation. */
    mayBeTakenOut?: boolean;
    /** Problems that were found before the audit. */
    problems: readonly string[];
    random: Random;
  }): Promise<StreamResult> {
  const { client, chatId, view, profile } = surroundings;
  const verdict = await auditStream({
    audited: { streamId, chatId, messageId, turn, readers, interference, mayBeTakenOut },
    view,
    client,
    random: random.fork('audit'),
    profile,
  }).catch((error: unknown) => ({
    outcome: 'not audited',
    log: Buffer.alloc(0),
    bytes: 0,
    problems: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
  }));
  const ofBranches: string[] = [];
  for (const branch of branches)
    ofBranches.push(
      ...(await checkBranch({
        branch,
        messageId,
        verdict,
        mayBeTakenOut,
        client,
        profile,
        random: random.fork(branch.forkId),
      })),
    );
  return {
    streamId,
    modelId: turn.modelId,
    ...verdict,
    problems: [...problems, ...verdict.problems, ...ofBranches],
    readers,
    branches,
  };
}

/** The result for a turn whose stream was not started. */
export const notStarted = (name: string, turn: TurnPlan, problems: string[]): StreamResult => ({
  streamId: name,
  modelId: turn.modelId,
  outcome: 'not started',
  log: Buffer.alloc(0),
  bytes: 0,
  problems,
  readers: [],
  branches: [],
});

/**
 * Stops a stream with `times` simultaneous requests. Sets `wasCancelled` before sending them, and notes the successful
 * responses.
 */
export async function stopStream({
  streamId,
  times,
  client,
  random,
  interference,
}: {
  streamId: string;
  times: number;
  client: Client;
  random: Random;
  interference: Interference;
}): Promise<void> {
  interference.wasCancelled = true;
  const answers = await Promise.all(
    Array.from({ length: times }, (_cancel, copy) =>
      client
        .ask(
          { method: 'DELETE', path: `/streams/${streamId}` },
          { random: random.fork(`cancel-${copy}`), withinMs: PATIENCE_MS },
        )
        .catch(() => null),
    ),
  );
  for (const answer of answers)
    if (answer?.status === 200)
      interference.cancelAnswers.push(JSON.parse(answer.body) as Interference['cancelAnswers'][number]);
}

/** Stops the turn as planned. */
export async function interfere(options: {
  turn: TurnPlan;
  streamId: string;
  client: Client;
  random: Random;
}): Promise<Interference> {
  const { turn } = options;
  const interference: Interference = { wasCancelled: false, cancelAnswers: [] };
  if (turn.cancelAfterMs === null) return interference;
  await pause(turn.cancelAfterMs);
  await stopStream({ ...options, times: turn.cancels, interference });
  return interference;
}
