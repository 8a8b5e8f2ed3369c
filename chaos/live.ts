import { createClient } from './client.ts';
import type { Cluster } from './cluster.ts';
import type { Profile } from './faults.ts';
import { auditTurn, followTurn, interfere, notStarted, startTurn, type StreamResult } from './live-turn.ts';
import { liveThroughQueue } from './queues/live-queue.ts';
import type { Random } from './random.ts';
import type { RedisView } from './stored.ts';
import { planChat } from './workload.ts';

export interface LiveOptions {
  cluster: Cluster;
  view: RedisView;
  profile: Profile;
  random: Random;
  longestAnswerS: number;
  signal: AbortSignal;
  onResult(result: StreamResult): void;
}

/**
 * Runs one conversation after the other until the signal aborts. After the abort, a conversation with a queue still runs to its end,
 * and any other conversation ends after its current turn.
 */
export async function keepTalking({ name, ...options }: LiveOptions & { name: string }): Promise<void> {
  const { random, signal, cluster, view, profile, onResult } = options;
  for (let number = 0; !signal.aborted; number++) {
    const fate = random.fork(`${name}-${number}`);
    const plan = planChat(fate, { longestAnswerS: options.longestAnswerS });
    const client = await createClient(plan.userId, cluster.doors);
    const chatId = `chat-${name}-${number}`;
    const surroundings = { client, chatId, view, profile };
    if (plan.queue) {
      const { losses } = cluster;
      const queue = { ...surroundings, losses, plan: plan.queue, random: fate.fork('queue') };
      for (const result of await liveThroughQueue(queue)) onResult(result);
      continue;
    }
    for (const [index, turn] of plan.turns.entries()) {
      if (signal.aborted) return;
      const messageId = `answer-${index}`;
      const here = { ...surroundings, turn, messageId, random: fate.fork(`turn-${index}`) };
      const start = { messageId, questionId: `question-${index}`, text: `Question ${index}` };
      const { streamId, problems } = await startTurn({ ...here, start });
      if (streamId === null) {
        onResult(notStarted(`${chatId}/${index}`, turn, problems));
        continue;
      }
      const [followed, interference] = await Promise.all([
        followTurn({ ...here, streamId }),
        interfere({ turn, streamId, client, random: here.random.fork('cancel') }),
      ]);
      onResult(await auditTurn({ ...here, ...followed, streamId, interference, problems }));
    }
  }
}
