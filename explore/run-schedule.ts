import { checkQuiet, createStepCheck, Violation } from './invariants.ts';
import { createPerson, USER } from './people.ts';
import { createRandom } from './random.ts';
import { scenarioOf, type Scenario } from './scenarios.ts';
import { scriptedModel } from './scripted-model.ts';
import { createSidecar, LEASE_MS, type ExploredSidecar } from './sidecar.ts';
import type { Strategy } from './strategies.ts';
import type { Host, VirtualTime } from './virtual-time.ts';
import { createWorld, type Option } from './world.ts';

export interface RunResult {
  scenario: Scenario;
  /** The label of every choice that was not the only one, in order: with the seed it repeats the run. */
  choices: string[];
  /** Everything that happened, in order. */
  story: string[];
  violation: Error | null;
  /** `<script> → <script>`: which script ran directly after which of another sidecar. */
  orderings: Set<string>;
}

/** Choices in the part of a run in which anything may happen. After that there are no more faults. */
const MAX_WILD_STEPS = 160;
const MAX_STEPS = 6000;
/** Virtual time in which everything has to come to rest once there are no more faults. */
const QUIET_MS = 2500;

/** Runs one schedule: the seed chooses the scenario, the strategy what happens in which order. */
export async function runSchedule({
  time,
  seed,
  strategy,
  scenarioIndex,
}: {
  time: VirtualTime;
  seed: number;
  strategy: Strategy;
  scenarioIndex?: number;
}): Promise<RunResult> {
  time.reset();
  const random = createRandom(seed);
  const scenario = scenarioOf(random, scenarioIndex);
  const chance = createRandom(seed ^ 0x5bd1e995);
  Math.random = chance.next;
  const world = createWorld(time);
  const story: string[] = [];
  const choices: string[] = [];
  const orderings = new Set<string>();
  const problems: string[] = [];
  const hosts = Array.from({ length: scenario.sidecars }, (_, i): Host => newHost('ABC'[i]!));
  const onRejection = (error: unknown) =>
    void problems.push(`unhandled: ${error instanceof Error ? error.stack : error}`);
  process.on('unhandledRejection', onRejection);

  let violation: Error | null = null;
  const checkStep = createStepCheck(world.db);
  let lastRun: { host: Host; name: string } | null = null;
  world.onExecuted = (host, request) => {
    if (lastRun && lastRun.host !== host && request.script) orderings.add(`${lastRun.name} → ${request.name}`);
    if (request.script) lastRun = { host, name: request.name };
    try {
      checkStep(request);
    } catch (error) {
      violation ??= error as Error;
    }
  };

  const sidecars = hosts.map((host) =>
    createSidecar({
      time,
      world,
      host,
      model: scriptedModel,
      onError: (event, error) =>
        void problems.push(`${event}: ${error instanceof Error ? error.stack : String(error)}`),
    }),
  );
  const person = createPerson({ time, host: newHost('person'), sidecars });
  const budget = { ...scenario.faults };
  let hasLostWrites = false;
  const queues = scenario.people.map((acts, i) => ({ name: `person ${i + 1}`, acts: [...acts], isBusy: false }));
  /** People whose sidecar died in the middle of an act wait for ever: they are given up after a while. */
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
    if (budget.restarts > 0)
      fault(`Redis restarts without its last ${budget.lostSteps} writes`, () => {
        budget.restarts -= 1;
        hasLostWrites = world.restart(budget.lostSteps) > 0;
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

  const timer: Option = { label: 'time passes', kind: 'time', actor: 'time', run: () => void time.fireNext() };

  /**
   * Tells two states apart by what Redis holds, the calls under way, and the time. The memory of the processes is left
   * out: it nearly always follows from these.
   */
  function state(): string {
    // The random end of an epoch makes no difference.
    const stored = world.db.dump().replaceAll(/\b(\d+)[a-z0-9]{4}\b/g, '$1');
    const underway = world.options(false).map(({ label }) => label);
    const people = queues.map(({ acts, isBusy }) => `${acts.length} ${isBusy}`);
    const alive = hosts.map(({ isDead, frozen }) => `${isDead} ${frozen === null}`);
    return [time.now(), stored, ...underway, ...people, ...alive, JSON.stringify(budget)].join('\n');
  }

  function take(option: Option): void {
    story.push(option.label);
    if (option.kind === 'fault' && option.actor !== 'fate') budget.lines -= 1;
    option.run();
  }

  try {
    for (let step = 0; step < MAX_WILD_STEPS && violation === null; step++) {
      await time.settled();
      const options = [...world.options(budget.lines > 0), ...peopleOptions(), timer, ...processFaults()];
      const option = options[strategy(options, state)]!;
      choices.push(option.label);
      take(option);
    }
    await calmDown();
    await sweep();
    if (problems.length > 0) violation ??= new Violation('Nothing fails in a way that nobody expected', problems[0]!);
    if (violation === null) {
      const asked = scenario.people.flat().filter((act) => act.what === 'start');
      checkQuiet({
        db: world.db,
        person,
        chats: new Map(asked.map(({ question, chat }) => [question, chat])),
        streamIdOf: (chat, messageId) => sidecars[0]!.manager.streamIdOf(USER, chat, messageId),
        hasLostWrites,
        wasForced: scenario.people.flat().some((act) => act.what === 'clean up' && act.force),
      });
      await checkNothingIsLeft(sidecars);
    }
  } catch (error) {
    violation ??= error as Error;
  } finally {
    process.off('unhandledRejection', onRejection);
    for (const host of hosts) host.isDead = true;
  }
  return { scenario, choices, story, violation, orderings };

  /** No more faults: everything that is under way comes to its end. */
  async function calmDown(): Promise<void> {
    let quietSince = time.now();
    for (let step = 0; step < MAX_STEPS && violation === null; step++) {
      await time.settled();
      const [next] = [...world.options(false), ...peopleOptions()];
      if (next !== undefined) {
        if (next.kind === 'person') quietSince = time.now();
        take(next);
        continue;
      }
      const isBusy = queues.some(({ isBusy }) => isBusy);
      if (!isBusy && time.now() - quietSince > QUIET_MS) return;
      timer.run();
    }
    if (violation === null) throw new Violation('Everything comes to rest', `not within ${MAX_STEPS} steps`);
  }

  /** The cleanup that the schedule runs every few minutes: it mends the indexes and pointers that a crash left wrong. */
  async function sweep(): Promise<void> {
    const [alive] = sidecars.filter(({ host }) => !host.isDead);
    if (alive === undefined || violation !== null) return;
    // A sweep that died holds its lock for a minute. That minute need not be waited for here.
    for (const key of world.db.keys()) if (/sweeper|cleanup/.test(key)) world.db.command('DEL', [key]);
    time.as(alive.host, () => void alive.cleanup.run({ action: 'expired' }));
    await calmDown();
  }

  async function checkNothingIsLeft(all: readonly ExploredSidecar[]): Promise<void> {
    for (const sidecar of all.filter(({ host }) => !host.isDead)) {
      if (sidecar.manager.generating > 0)
        throw new Violation('Nothing is written once all streams have ended', `${sidecar.host.name} still writes`);
    }
  }
}

const newHost = (name: string): Host => ({ name, isDead: false, frozen: null });
