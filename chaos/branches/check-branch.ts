import { textOf } from '../checker.ts';
import type { Client } from '../client.ts';
import type { Profile } from '../faults.ts';
import { parseLog } from '../frames.ts';
import { keptText, readMessages } from '../kept-message.ts';
import type { Random } from '../random.ts';
import type { MadeBranch } from './branch-plan.ts';

/** Checks that a branch contains the text of the answer exactly up to the event at which the branch was made. */
export async function checkBranch({
  branch: { forkId, asked, at, answers },
  messageId,
  verdict: { log, outcome },
  mayBeTakenOut,
  client,
  profile,
  random,
}: {
  branch: MadeBranch;
  messageId: string;
  verdict: { log: Buffer; outcome: string };
  /** True if the turn may have been taken out of the queue. */
  mayBeTakenOut: boolean;
  client: Client;
  profile: Profile;
  random: Random;
}): Promise<string[]> {
  if (profile !== 'durable') return []; // Redis may have lost the log that the branch was made from.
  const made = answers.filter(({ status }) => status === 200 || status === 201);
  const isOnLog = (eventId: string) => parseLog(log).some((frame) => frame.eventId === eventId);
  const problems = answers
    .filter((answer) => !made.includes(answer))
    // A turn that was taken out of the queue is not in the conversation.
    .filter(({ status }) => !(mayBeTakenOut && outcome === 'cancelled' && status === 404))
    // While Redis is away, a reader gets events before they are stored (PROTOCOL.md 10.1). If the owner is then lost, these
    // events are never stored.
    .filter(({ status, body }) => !(asked === 'seen' && status === 409 && body.includes('"event_not_on_log"')))
    .map(({ status, body }) => `the request for branch ${forkId} at ${at} got ${status} ${body}`);
  if (made.length === 0) return problems;
  if (made.filter(({ status }) => status === 201).length > 1) problems.push(`branch ${forkId} was made twice`);
  if (new Set(made.map(({ body }) => body)).size > 1)
    problems.push(
      `the requests for branch ${forkId} got different responses: ${made.map(({ body }) => body).join(' ')}`,
    );

  const { from } = JSON.parse(made[0]!.body) as { from: { at: string } };
  if (at !== 'now' && from.at !== at) problems.push(`branch ${forkId} was requested at ${at}, but made at ${from.at}`);
  if (!isOnLog(from.at)) return [...problems, `branch ${forkId} is at ${from.at}, which is not on the log`];
  const end = Number(from.at.split('-')[1]);
  const messages = await readMessages(forkId, client, random);
  const leaf = messages.at(-1);
  if (leaf?.id !== messageId) return [...problems, `branch ${forkId} does not end with the answer`];
  if (new Set(messages.map(({ id }) => id)).size !== messages.length)
    problems.push(`branch ${forkId} has a message twice`);
  if (keptText(leaf) !== textOf(parseLog(log.subarray(0, end))))
    problems.push(`branch ${forkId} does not have the text up to ${from.at}`);
  const status = end === log.length ? outcome.split(' ')[0] : 'partial';
  if (leaf.status !== status) problems.push(`the answer in branch ${forkId} is ${leaf.status}, not ${status}`);
  return problems;
}
