import { pause } from '../scripts/shared/wait.ts';
import { auditStream, type Verdict } from './audit.ts';
import type { Interference } from './checker.ts';
import { createClient, type Client } from './client.ts';
import type { Cluster } from './cluster.ts';
import type { Profile } from './faults.ts';
import type { Random } from './random.ts';
import { readToEnd, type ReaderRecord } from './reader.ts';
import type { RedisView } from './stored.ts';
import { planChat, type TurnPlan } from './workload.ts';

/** What happened to one stream. */
export interface StreamResult extends Verdict {
  streamId: string;
  modelId: string;
  readers: ReaderRecord[];
}

export interface LiveOptions {
  cluster: Cluster;
  view: RedisView;
  profile: Profile;
  random: Random;
  longestAnswerS: number;
  signal: AbortSignal;
  onResult(result: StreamResult): void;
}

const STARTED_WITHIN_MS = 60_000;
/** Extra time, beyond what the stream takes by itself. */
const PATIENCE_MS = 120_000;

/** Runs one conversation after the other until the signal; several people read each answer at once. The last one is finished. */
export async function keepTalking({ name, ...options }: LiveOptions & { name: string }): Promise<void> {
  const { random, signal, cluster } = options;
  for (let number = 0; !signal.aborted; number++) {
    const fate = random.fork(`${name}-${number}`);
    const plan = planChat(fate, options.longestAnswerS);
    const client = await createClient(plan.userId, cluster.doors);
    for (const [index, turn] of plan.turns.entries()) {
      if (signal.aborted) return;
      const chatId = `chat-${name}-${number}`;
      options.onResult(
        await liveThrough({ ...options, random: fate.fork(`turn-${index}`), client, chatId, index, turn }),
      );
    }
  }
}

async function liveThrough({
  client,
  chatId,
  index,
  turn,
  random,
  view,
  profile,
}: LiveOptions & { client: Client; chatId: string; index: number; turn: TurnPlan }): Promise<StreamResult> {
  const messageId = `answer-${index}`;
  const body = {
    chatId,
    messageId,
    modelId: turn.modelId,
    messages: [{ id: `question-${index}`, role: 'user', content: `Question ${index}` }],
  };
  const problems: string[] = [];
  const streamIds = await Promise.all(
    Array.from({ length: turn.starts }, async (_start, copy) => {
      const call = { method: 'POST', path: '/streams', body } as const;
      // If Redis lost the end of the previous answer, that one is being written again.
      const passing = profile === 'lossy' ? 409 : undefined;
      return client.ask(call, { random: random.fork(`start-${copy}`), withinMs: STARTED_WITHIN_MS, passing });
    }),
  ).then(
    (answers) =>
      answers.map(({ status, body: text }) => {
        if (status === 200 || status === 201) return (JSON.parse(text) as { streamId: string }).streamId;
        problems.push(`a start was answered ${status} ${text}`);
        return null;
      }),
    (error: unknown) => {
      problems.push(error instanceof Error ? error.message : String(error));
      return [null];
    },
  );
  const [streamId] = streamIds.filter((id) => id !== null);
  if (new Set(streamIds).size > 1) problems.push(`the same start meant several streams: ${streamIds.join(', ')}`);
  if (!streamId)
    return {
      streamId: `${chatId}/${index}`,
      modelId: turn.modelId,
      outcome: 'not started',
      log: Buffer.alloc(0),
      bytes: 0,
      problems,
      readers: [],
    };

  const [readers, interference] = await Promise.all([
    Promise.all(
      turn.readers.map((plan, number) =>
        readToEnd({
          name: `reader ${number}`,
          streamId,
          client,
          plan,
          random: random.fork(`reader-${number}`),
          giveUpAfterMs: turn.durationMs + PATIENCE_MS,
          mayBeGone: profile === 'lossy',
          logLength: async () => (await view.stream(streamId))?.log.length ?? 0,
        }),
      ),
    ),
    interfere({ turn, streamId, client, random: random.fork('cancel') }),
  ]);
  const verdict = await auditStream({
    audited: { streamId, chatId, messageId, turn, readers, interference },
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
  return { streamId, modelId: turn.modelId, ...verdict, problems: [...problems, ...verdict.problems], readers };
}

async function interfere({
  turn,
  streamId,
  client,
  random,
}: {
  turn: TurnPlan;
  streamId: string;
  client: Client;
  random: Random;
}): Promise<Interference> {
  if (turn.cancelAfterMs === null) return { wasCancelled: false, cancelAnswers: [] };
  await pause(turn.cancelAfterMs);
  const answers = await Promise.all(
    Array.from({ length: turn.cancels }, (_cancel, copy) =>
      client
        .ask(
          { method: 'DELETE', path: `/streams/${streamId}` },
          { random: random.fork(`cancel-${copy}`), withinMs: PATIENCE_MS },
        )
        .catch(() => null),
    ),
  );
  const cancelAnswers = answers
    .filter((answer) => answer?.status === 200)
    .map((answer) => JSON.parse(answer!.body) as Interference['cancelAnswers'][number]);
  return { wasCancelled: true, cancelAnswers };
}
