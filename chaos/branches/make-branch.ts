import { pause } from '../../scripts/shared/wait.ts';
import type { Client } from '../client.ts';
import { parseLog } from '../frames.ts';
import type { Random } from '../random.ts';
import type { RedisView } from '../stored.ts';
import type { BranchPlan, MadeBranch } from './branch-plan.ts';

const MADE_WITHIN_MS = 60_000;

/** Makes a branch as planned. `null` if there was no event yet to branch at. */
export async function makeBranch({
  plan,
  origin: { chatId, messageId, streamId },
  forkId,
  lastSeen,
  client,
  view,
  random,
}: {
  plan: BranchPlan;
  origin: { chatId: string; messageId: string; streamId: string };
  forkId: string;
  /** The id of the last event that a reader has; `null` before the first. */
  lastSeen(): string | null;
  client: Client;
  view: RedisView;
  random: Random;
}): Promise<MadeBranch | null> {
  await pause(plan.afterMs);
  const at = await placeOf();
  if (at === null) return null;
  const call = { method: 'POST', path: `/chats/${chatId}/forks`, body: { forkId, messageId, at } } as const;
  const answers = await Promise.all(
    Array.from({ length: plan.copies }, (_copy, copy) =>
      client
        .ask(call, { random: random.fork(`copy-${copy}`), withinMs: MADE_WITHIN_MS })
        .then(({ status, body }) => ({ status, body }))
        .catch((error: unknown) => ({ status: 0, body: error instanceof Error ? error.message : String(error) })),
    ),
  );
  return { forkId, asked: plan.at, at, answers };

  async function placeOf(): Promise<string | null> {
    if (plan.at === 'seen') return lastSeen();
    const stored = await view.stream(streamId);
    if (stored === null || stored.log.length === 0) return null;
    return plan.at === 'now' ? 'now' : random.pick(parseLog(stored.log)).eventId;
  }
}
