import { roomRef, type InviteAnswer } from '../../shared/chat/rooms.ts';
import { pause } from '../../scripts/shared/wait.ts';
import { createClient, type Call, type Client } from '../client.ts';
import { startCluster, type Cluster } from '../cluster.ts';
import { planFaults, type Fault, type FaultKind } from '../faults.ts';
import { injectFaults } from '../inject.ts';
import { createRandom, type Random } from '../random.ts';
import { createFaultTimes, type FaultTimes } from './fault-times.ts';
import { readWhileAllowed } from './read-while-allowed.ts';

export interface RemovalsOptions {
  seed: string;
  durationMs: number;
  sidecars: number;
  rooms: number;
  only?: readonly FaultKind[] | undefined;
  signal?: AbortSignal | undefined;
  onFault?(fault: Fault): void;
  onRemoved?(text: string): void;
}

export interface RemovalsReport {
  /** How often a member was removed in the middle of an answer. */
  removals: number;
  /** How many readers had to be cut off: for each removal, one at each sidecar. */
  readers: number;
  /** The longest time between a removal and the last bytes that a removed reader received, in ms. */
  longestMs: number;
  faults: number;
  problems: string[];
}

/** An answer of 60 s, longer than a removed member may go on reading. */
const LONG = 'synthetic/1800x40@30';
/** Time between two faults. It is longer than in other runs, so that the sidecars can reach Redis during most of the removals. */
const EVERY_MS = [1500, 6000] as const;
const ASKED_WITHIN_MS = 60_000;

/**
 * Removes and invites a member again and again while answers are written and everything breaks (PROTOCOL.md 5.9). Nothing may
 * reach the member more than 6 s after the confirmed removal. Time during which the reader's sidecar cannot reach Redis does not
 * count. An invite from before the removal does not let the member in again, but a new one does.
 */
export async function runRemovals(options: RemovalsOptions): Promise<RemovalsReport> {
  const { seed, durationMs, sidecars, rooms, only, onFault } = options;
  const random = createRandom(`removals/${seed}`);
  const cluster = await startCluster({ sidecars, profile: 'durable' });
  try {
    const over = AbortSignal.any([AbortSignal.timeout(durationMs), ...(options.signal ? [options.signal] : [])]);
    const times = createFaultTimes();
    const faults = planFaults({
      random: random.fork('faults'),
      durationMs,
      sidecars,
      networks: cluster.networks.length,
      hasRedisCluster: false,
      profile: 'durable',
      only,
      everyMs: EVERY_MS,
    });
    const report: RemovalsReport = { removals: 0, readers: 0, longestMs: 0, faults: 0, problems: [] };
    const [injection] = await Promise.all([
      injectFaults({
        cluster,
        faults,
        signal: over,
        onFault(fault) {
          times.begins(fault);
          onFault?.(fault);
        },
      }),
      ...Array.from({ length: rooms }, (_room, number) =>
        keepRemoving({
          ...options,
          cluster,
          times,
          report,
          signal: over,
          number,
          random: random.fork(`room-${number}`),
        }),
      ),
    ]);
    report.faults = [...injection.counts.values()].reduce((sum, count) => sum + count, 0);
    report.problems.push(...injection.problems);
    return report;
  } finally {
    await cluster.stop();
  }
}

interface KeepRemoving {
  cluster: Cluster;
  times: FaultTimes;
  report: RemovalsReport;
  random: Random;
  number: number;
  signal: AbortSignal;
  onRemoved?(text: string): void;
}

async function keepRemoving({
  cluster,
  times,
  report,
  random,
  number,
  signal,
  onRemoved,
}: KeepRemoving): Promise<void> {
  const chatId = `room-${number}`;
  const [owner, member] = (await Promise.all(
    ['owner', 'member'].map((role) => createClient(`${role}_${number}`, cluster.doors)),
  )) as [Client, Client];
  const must = async <Body>(who: Client, call: Call, statuses: readonly number[]): Promise<Body> => {
    const { status, body } = await who.ask(call, { random, withinMs: ASKED_WITHIN_MS });
    if (!statuses.includes(status)) report.problems.push(`${call.method} ${call.path}: ${status} ${body}`);
    return (body === '' ? {} : JSON.parse(body)) as Body;
  };
  const invites = `/chats/${chatId}/invites`;
  const invite = () => must<InviteAnswer>(owner, { method: 'POST', path: invites, body: { maxUses: 50 } }, [201]);
  const join = (token: string, status: number) =>
    must(member, { method: 'POST', path: '/joins', body: { token, name: 'Member' } }, [status]);
  let former: string | null = null;
  for (let turn = 0; !signal.aborted; turn++) {
    const body = {
      chatId,
      messageId: `answer-${turn}`,
      modelId: LONG,
      messages: [{ id: `question-${turn}`, role: 'user', content: `Question ${turn}` }],
      whenBusy: 'interrupt',
    };
    const { streamId } = await must<{ streamId: string }>(
      owner,
      { method: 'POST', path: '/streams', body },
      [200, 201, 202],
    );
    if (former !== null) await join(former, 410);
    const { token, roomId } = await invite();
    await join(token, 200);
    former = token;
    const readers = cluster.sidecars.map(({ url }) => readWhileAllowed({ url, streamId, client: member }));
    await Promise.race([Promise.all(readers.map(({ begun }) => begun)), pause(5000)]);
    await pause(random.int(0, 3000));
    await must(owner, { method: 'DELETE', path: `/chats/${chatId}/members/${member.userId}` }, [204]);
    const removedAt = performance.now();
    report.removals += 1;
    const ends = await Promise.all(
      readers.map((reader, sidecar) =>
        reader.removed(removedAt, (at) => times.cutOffMs({ sidecar, from: removedAt, until: at })),
      ),
    );
    for (const [sidecar, { problems, lastMs }] of ends.entries()) {
      report.readers += 1;
      report.longestMs = Math.max(report.longestMs, lastMs);
      report.problems.push(...problems.map((problem) => `${roomRef(roomId)}, sidecar ${sidecar}: ${problem}`));
    }
    onRemoved?.(
      `${chatId}/${turn} removed; last bytes after ${ends.map(({ lastMs }) => Math.round(lastMs)).join(', ')} ms`,
    );
  }
  const active = await owner.ask({ path: `/chats/${chatId}` }, { random, withinMs: ASKED_WITHIN_MS });
  const { stream } = JSON.parse(active.body) as { stream: { streamId: string } | null };
  if (stream) await must(owner, { method: 'DELETE', path: `/streams/${stream.streamId}` }, [200]);
}
