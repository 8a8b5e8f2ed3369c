import { ACTIVE_STREAMS, metaKey } from '../sidecar/store/redis/keys.ts';
import { checkQuiet, checkShownIsStored, createStepCheck, Violation, type Asked } from './invariants.ts';
import { orderingOf } from './coverage.ts';
import { USER } from './names.ts';
import { createPerson, type Shown } from './people.ts';
import { createRandom } from './random.ts';
import { scenarioOf, type Scenario } from './scenarios.ts';
import { createScriptedModel } from './scripted-model.ts';
import { createSidecar, LEASE_MS } from './sidecar.ts';
import type { Strategy } from './strategies.ts';
import { newHost, type Host, type VirtualTime } from './virtual-time.ts';
import { createWorld, type Option } from './world.ts';

export interface RunResult {
  scenario: Scenario;
  /** The label of every choice, in order. A run with the same seed and the same choices is the same run. */
  choices: string[];
  story: string[];
  violation: Error | null;
  /** `<first> → <second>`: one sidecar ran the script `<first>`, and directly afterwards another sidecar ran `<second>`. */
  orderings: Set<string>;
}

/** Number of choices at the beginning of a run during which faults may happen. Later in the run there are no faults. */
const MAX_WILD_STEPS = 100;
const MAX_STEPS = 6000;
/** The choice `time passes` fires timers until a new option appears, or until this much time has passed. */
const MAX_JUMP_MS = 100;
/**
 * In about every third run, a sidecar gathers chunks for this long before it stores them. A busy sidecar does this in production. The
 * pause between two words of the model is shorter, so an append may hold two words.
 */
const GATHER_MS = 70;
/** How long Redis is away. This is long enough for every lease to run out. */
const ABSENCE_MS = 700;
/**
 * If no stream is active, a run is at rest when nothing has happened for this long. During this time, each sidecar has looked for
 * leases to renew and for streams to take over, and has found none.
 */
const REST_MS = LEASE_MS + 100;
/** If a stream is active, a run is at rest when nothing has happened for this long. Recovery has then repaired all that it can. */
const QUIET_MS = 2500;
/** A process may choose the next question of a chat's queue and die before the answer begins. Recovery finds this question in this time. */
const LOST_TURN_MS = 32_000;
/** When the sidecars stop at the end of a run, timers of deadlines and of abandoned requests may still run for this long. */
const LAST_TIMERS_MS = 10_000;

/** Runs one schedule: the seed chooses the scenario, and the strategy chooses what happens in which order. */
export const runSchedule = (options: RunOptions): Promise<RunResult> => options.time.outside(() => runNow(options));

export interface RunOptions {
  time: VirtualTime;
  seed: number;
  strategy: Strategy;
  scenarioIndex?: number;
}

function runNow({ time, seed, strategy, scenarioIndex }: RunOptions): RunResult {
  time.reset();
  const random = createRandom(seed);
  const scenario = scenarioOf(random, scenarioIndex);
  const chance = createRandom(seed ^ 0x5bd1e995);
  Math.random = chance.next;
  const world = createWorld(time, { canForget: scenario.faults.restarts > 0 });
  const story: string[] = [];
  const choices: string[] = [];
  const orderings = new Set<string>();
  const problems: string[] = [];
  const asked: Asked[] = [];
  const hosts = Array.from({ length: scenario.sidecars }, (_, i): Host => newHost('ABC'[i]!));
  const onRejection = (error: unknown) =>
    void problems.push(`unhandled: ${error instanceof Error ? error.stack : error}`);
  process.on('unhandledRejection', onRejection);

  const chats = new Map(
    scenario.people.flat().flatMap((act) => (act.what === 'start' ? [[act.question, act.chat] as const] : [])),
  );
  let violation: Error | null = null;
  function guard(check: () => void): void {
    try {
      check();
    } catch (error) {
      violation ??= error as Error;
    }
  }
  const steps = createStepCheck(world.db, time.now);
  let lastRun: { host: Host; name: string } | null = null;
  world.onExecuted = (executed) => {
    const { host, request } = executed;
    if (lastRun && lastRun.host !== host && request.script) orderings.add(orderingOf(lastRun.name, request.name));
    if (request.script) lastRun = { host, name: request.name };
    guard(() => steps.check(executed));
  };

  const gatherMs = chance.below(3) === 0 ? GATHER_MS : 0;
  const sidecars = hosts.map((host) =>
    createSidecar({
      time,
      world,
      host,
      model: createScriptedModel({
        onAsked: (question, call) => void asked.push({ question, ...call }),
        onWord(question) {
          const chat = chats.get(question);
          if (chat === undefined) return;
          guard(() => steps.checkSpeaker(host, person.streamIdOf(chat, question)));
        },
      }),
      gatherMs,
      chatsPerUser: scenario.chatsPerUser,
      onError: (event, error) =>
        void problems.push(`${event}: ${error instanceof Error ? error.stack : String(error)}`),
    }),
  );
  let hasLostWrites = false;
  const person = createPerson({ time, host: newHost('person'), sidecars, asks: chats, exit: world.kill, onShown });
  function onShown({ bytes }: Shown, streamId: string, by: Host): void {
    if (!hasLostWrites && world.isUntroubled(by)) guard(() => checkShownIsStored(world.db, streamId, bytes));
  }
  const budget = { ...scenario.faults };
  const queues = scenario.people.map((acts, i) => ({ name: `person ${i + 1}`, acts: [...acts], isBusy: false }));
  /** How long a person waits for the answer to one act before the person does the next act. A dead sidecar never answers. */
  const GIVE_UP_MS = 6000;

  function peopleOptions(): Option[] {
    return queues.flatMap((queue): Option[] => {
      const [act] = queue.acts;
      if (act === undefined || queue.isBusy) return [];
      const what = 'question' in act ? `${act.what} ${act.question}` : act.what;
      const run = () => {
        queue.acts.shift();
        queue.isBusy = true;
        const free = () => void (queue.isBusy = false);
        void Promise.race([person.act(act), new Promise<void>((resolve) => void setTimeout(resolve, GIVE_UP_MS))]).then(
          free,
        );
      };
      return [{ label: `${queue.name}: ${what} at ${'ABC'[act.at]}`, kind: 'person', actor: queue.name, run }];
    });
  }

  function processFaults(): Option[] {
    const options: Option[] = [];
    const fault = (label: string, run: () => void) => options.push({ label, kind: 'fault', actor: 'fate', run });
    const alive = hosts.filter(({ isDead }) => !isDead);
    for (const host of alive) {
      if (budget.kills > 0 && alive.length > 1)
        fault(`${host.name} is killed`, () => {
          budget.kills -= 1;
          world.kill(host);
        });
      if (budget.freezes > 0 && host.frozen === null)
        fault(`${host.name} stands still`, () => {
          budget.freezes -= 1;
          freeze(host);
        });
    }
    if (budget.absences > 0)
      fault('Redis is away', () => {
        budget.absences -= 1;
        world.leave(ABSENCE_MS);
      });
    if (budget.restarts > 0)
      fault(`Redis restarts without its last ${budget.lostSteps} writes`, () => {
        budget.restarts -= 1;
        hasLostWrites = world.restart(budget.lostSteps) > 0;
        steps.forget();
      });
    return options;
  }

  function freeze(host: Host): void {
    host.frozen = [];
    setTimeout(() => {
      const late = host.frozen ?? [];
      host.frozen = null;
      for (const run of late) if (!host.isDead) run();
    }, LEASE_MS * 2);
  }

  /** Runs everything that happens after a choice, until the next choice has to be made. */
  function settle(): void {
    do time.settle();
    while (world.answerIdle());
  }

  const decidable = () => queues.reduce((count, { isBusy }) => count + (isBusy ? 0 : 1), world.pending);

  function passTime(): void {
    const [before, until] = [decidable(), time.now() + MAX_JUMP_MS];
    do {
      if (!time.fireNext()) return;
      settle();
    } while (decidable() === before && time.now() < until && violation === null);
  }

  const timer: Option = { label: 'time passes', kind: 'time', actor: 'time', run: passTime };

  /**
   * A text that is the same for equal states of the run. The memory of the processes is left out, because it nearly always follows
   * from the rest of the state: the content of Redis, the calls under way, the time, and so on.
   */
  function state(): string {
    // The random characters at the end of an epoch are left out, because they make no difference.
    const stored = world.db.dump().replaceAll(/\b(\d+)[a-z0-9]{4}\b/g, '$1');
    const underway = world.options(false).map(({ label }) => label);
    const people = queues.map(({ acts, isBusy }) => `${acts.length} ${isBusy}`);
    const alive = hosts.map(({ isDead, frozen }) => `${isDead} ${frozen === null}`);
    return [time.now(), stored, ...underway, ...people, ...alive, JSON.stringify(budget)].join('\n');
  }

  function take(option: Option): string {
    const { label } = option;
    story.push(label);
    if (option.kind === 'fault' && option.actor !== 'fate') budget.lines -= 1;
    option.run();
    settle();
    return label;
  }

  try {
    settle();
    for (let step = 0; step < MAX_WILD_STEPS && violation === null; step++) {
      const options = [...world.options(budget.lines > 0), ...peopleOptions(), timer, ...processFaults()];
      const option = options[strategy(options, state)]!;
      choices.push(take(option));
      if (isAtRest(options.length)) break;
    }
    calmDown(REST_MS);
    sweep();
    // A cleanup that ends a stream may point the chat at the next turn of the chat's queue. If the stream of that turn was never
    // created, a second cleanup clears the pointer.
    if (chosenStreams().some((streamId) => world.db.command('EXISTS', [metaKey(streamId)]) === 0)) {
      calmDown(REST_MS);
      sweep();
    }
    if (problems.length > 0) violation ??= new Violation('No request fails in an unexpected way', problems[0]!);
    if (violation === null) {
      checkQuiet({
        db: world.db,
        person,
        chats,
        asked,
        chatsPerUser: scenario.chatsPerUser,
        hasLostWrites,
        ...steps.turns,
        wasForced: scenario.people.flat().some((act) => act.what === 'clean up' && act.force),
      });
      checkNothingIsLeft();
    }
  } catch (error) {
    violation ??= error as Error;
  } finally {
    process.off('unhandledRejection', onRejection);
    for (const host of hosts) time.end(host);
  }
  return { scenario, choices, story, violation, orderings };

  /** Lets everything that is under way finish, without faults. */
  function calmDown(restMs: number): void {
    let quietSince = time.now();
    for (let step = 0; step < MAX_STEPS && violation === null; step++) {
      const next = world.pending > 0 ? world.options(false)[0] : peopleOptions()[0];
      if (next !== undefined) {
        quietSince = time.now();
        take(next);
        continue;
      }
      if (queues.every(({ isBusy }) => !isBusy) && isQuiet(time.now() - quietSince, restMs)) return;
      time.fireNext();
      settle();
    }
    if (violation === null) throw new Violation('Everything comes to rest', `not within ${MAX_STEPS} steps`);
  }

  /** True if all people have done all their acts, no call or message is under way, and nothing has changed for long enough. */
  function isAtRest(options: number): boolean {
    if (options > 1 + processFaults().length || queues.some(({ acts, isBusy }) => isBusy || acts.length > 0))
      return false;
    return isQuiet(time.now() - world.db.changedAt, REST_MS);
  }

  function isQuiet(quietMs: number, restMs: number): boolean {
    if (world.isAway || hosts.some(({ frozen }) => frozen !== null)) return false;
    const isActive = sidecars.some(({ host, manager }) => !host.isDead && manager.generating > 0);
    const isIndexed = world.db.command('ZCARD', [ACTIVE_STREAMS]) !== 0;
    const isChosen = chosenStreams().length > 0;
    return quietMs >= (isChosen ? LOST_TURN_MS : isActive || isIndexed ? QUIET_MS : restMs);
  }

  /** The streams that the chats point at. A chat points at the stream that is being written, or at the one that comes next. */
  function chosenStreams(): string[] {
    return [...chats.values()].flatMap((chat) => {
      const streamId = world.db.command('HGET', [`chat:${USER}:${chat}`, 'stream']);
      return streamId === null ? [] : [String(streamId)];
    });
  }

  /** Runs the cleanup that each sidecar runs every few minutes in production. The cleanup repairs indexes and pointers after a crash. */
  function sweep(): void {
    const [alive] = sidecars.filter(({ host }) => !host.isDead);
    if (alive === undefined || violation !== null) return;
    // The lock of a cleanup whose process died stays for a minute. Deleting the lock saves the wait.
    for (const key of world.db.keys()) if (/sweeper|cleanup/.test(key)) world.db.command('DEL', [key]);
    queues.push({
      name: 'schedule',
      acts: [{ what: 'clean up', force: false, at: sidecars.indexOf(alive) }],
      isBusy: false,
    });
    // Everything was at rest before the cleanup, so the run goes on as soon as the cleanup has finished.
    calmDown(0);
  }

  /** Stops all sidecars, as when their processes are told to exit, and checks that no timer and no call is left. */
  function checkNothingIsLeft(): void {
    const alive = sidecars.filter(({ host }) => !host.isDead);
    let stopping = alive.length;
    for (const { host, manager, dispose } of alive) {
      if (manager.generating > 0)
        throw new Violation('Nothing is written once all streams have ended', `${host.name} still writes`);
      time.as(host, () => void dispose().then(() => (stopping -= 1)));
    }
    const until = time.now() + LAST_TIMERS_MS;
    for (let step = 0; step < MAX_STEPS && time.now() < until; step++) {
      settle();
      const [next] = world.options(false);
      if (next !== undefined) take(next);
      else if (stopping === 0 && alive.every(({ host }) => host.timers.size === 0)) return;
      else if (!time.fireNext()) break;
    }
    const left = alive.map(({ host }) => `${host.name} ${host.timers.size}`).join(', ');
    throw new Violation('No timer is left', `${stopping} sidecars did not stop; timers of each sidecar: ${left}`);
  }
}
