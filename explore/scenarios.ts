import type { Act } from './people.ts';
import type { Random } from './random.ts';

/** What people do in one run, and which faults there may be. Small on purpose: the dangerous interleavings are short. */
export interface Scenario {
  name: string;
  sidecars: number;
  /**
   * How many chats a person may have. If left out, the sidecars do not count what a person stores. Counting takes further calls to
   * Redis, which would make every run longer.
   */
  chatsPerUser?: number;
  /** Each person does their acts one after the other. */
  people: Act[][];
  /**
   * How many faults of each kind there may be. `lines`: faults of a connection to Redis, for example a lost reply. `lostSteps` is
   * the number of writes that Redis loses in a restart.
   */
  faults: { lines: number; kills: number; freezes: number; absences: number; restarts: number; lostSteps: number };
}

const NONE = { lines: 0, kills: 0, freezes: 0, absences: 0, restarts: 0, lostSteps: 0 };

const SCENARIOS: readonly ((random: Random) => Scenario)[] = [
  (random) => ({
    name: 'a kill while one answer is written and read',
    sidecars: 2,
    people: [[start('a', random.below(2))], [read('a', random.below(2))]],
    faults: { ...NONE, kills: 1, lines: 2 },
  }),
  (random) => ({
    name: 'the same question is sent to two sidecars',
    sidecars: 2,
    people: [[start('a', 0)], [start('a', 1), read('a', 1)]],
    faults: { ...NONE, lines: 3, freezes: random.below(2) },
  }),
  (random) => ({
    name: 'an owner that stands still for longer than its lease',
    sidecars: 3,
    people: [[start('a', 0)], [read('a', random.below(3))]],
    faults: { ...NONE, freezes: 2, lines: 2 },
  }),
  (random) => ({
    name: 'a cancel races with the end of the answer or with a takeover',
    sidecars: 2,
    people: [[start('a', 0), cancel('a', random.below(2))], [read('a', 1)]],
    faults: { ...NONE, lines: 2, kills: random.below(2), freezes: 1 },
  }),
  (random) => ({
    name: 'a chat is deleted while it is answered',
    sidecars: 2,
    people: [[start('a', 0)], [remove('c', random.below(2))]],
    faults: { ...NONE, lines: 2, kills: random.below(2), freezes: random.below(2) },
  }),
  (random) => ({
    name: 'two questions in one chat',
    sidecars: 2,
    people: [
      [start('a', 0), look(1)],
      [start('b', 1), cancel('a', random.below(2)), start('b', 0)],
    ],
    faults: { ...NONE, lines: 2, kills: random.below(2) },
  }),
  () => ({
    name: 'two questions at once in one chat',
    sidecars: 2,
    people: [[start('a', 0)], [start('b', 1)]],
    faults: NONE,
  }),
  (random) => ({
    name: 'a cleanup while an answer is written',
    sidecars: 2,
    people: [[start('a', 0)], [{ what: 'clean up', force: random.below(2) === 0, at: 1 }, look(0)]],
    faults: { ...NONE, lines: 2, kills: 1 },
  }),
  (random) => ({
    name: 'Redis restarts without its last writes',
    sidecars: 2,
    people: [[start('a', 0), ...(random.below(2) === 0 ? [start('a', 1)] : [])], [read('a', random.below(2))]],
    faults: { ...NONE, freezes: random.below(2), restarts: 1, lostSteps: random.below(6), lines: 1 },
  }),
  (random) => ({
    name: 'an answer is packed while it is read',
    sidecars: 2,
    people: [
      [start('a', 0), read('a', 1), pack(0), read('a', 0)],
      [read('a', random.below(2)), pack(1), cancel('a', 1), read('a', 1)],
    ],
    faults: { ...NONE, lines: 2, kills: random.below(2), restarts: random.below(2), lostSteps: random.below(4) },
  }),
  (random) => ({
    name: 'Redis is away while an answer is written, read and stopped',
    sidecars: 2,
    people: [[start('a', 0), ...(random.below(2) === 0 ? [cancel('a', random.below(2))] : [])], [read('a', 0)]],
    faults: { ...NONE, absences: 1 + random.below(2), kills: random.below(2) },
  }),
  (random) => ({
    name: 'chats are begun and deleted at a limit of one or two chats',
    sidecars: 2,
    chatsPerUser: 1 + random.below(2),
    people: [
      [start('a', 0), remove('c', random.below(2)), start('a', 0, 'd')],
      [start('b', 1, 'e'), ...(random.below(2) === 0 ? [remove('e', 0)] : [])],
    ],
    faults: { ...NONE, lines: random.below(3), kills: random.below(2) },
  }),
  (random) => ({
    name: 'an answer is written while the chats and their messages are read page by page',
    sidecars: 2,
    people: [
      [start('a', 0), start('b', 1, 'd'), remove('c', 0)],
      [page('d', 1), page('c', random.below(2))],
    ],
    faults: { ...NONE, lines: 1, kills: random.below(2) },
  }),
  (random) => ({
    name: 'a sidecar is stopped and hands its answer over',
    sidecars: 2,
    people: [[start('a', 0)], [{ what: 'shut down', at: 0 }], [read('a', 1)]],
    faults: { ...NONE, lines: 2, freezes: random.below(2) },
  }),
  (random) => ({
    name: 'a second question is asked after the answer to the first one',
    sidecars: 2,
    people: [[start('a', 0), wait('a', 0), start('b', random.below(2)), wait('b', 0)]],
    faults: { ...NONE, lines: 2, kills: 1 },
  }),
  (random) => ({
    name: 'questions wait in a queue while an answer is written',
    sidecars: 2,
    people: [
      [start('a', 0), queue('b', random.below(2)), wait('b', 1)],
      // After an answer was stopped, the queue is held until a person resumes it.
      [queue('c', 1), ...(random.below(2) === 0 ? [cancel('a', 0), resume(1)] : [read('a', 1)])],
    ],
    faults: { ...NONE, lines: 2, kills: random.below(2), freezes: random.below(2) },
  }),
  (random) => ({
    name: 'an answer is stopped while questions wait for its end',
    sidecars: 2,
    people: [[start('a', 0), queue('b', 1), cancel('a', 1), queue('c', random.below(2))]],
    faults: { ...NONE, lines: random.below(2), kills: random.below(2) },
  }),
  (random) => ({
    name: 'questions are taken out, moved, edited and sent while they wait',
    sidecars: 2,
    people: [
      [start('a', 0), queue('b', random.below(2)), queue('c', random.below(2)), change(random, random.below(2))],
      [change(random, 1), ...(random.below(2) === 0 ? [cancel('a', 0)] : [change(random, 0)]), resume(1)],
    ],
    faults: { ...NONE, lines: random.below(3), kills: random.below(2), freezes: random.below(2) },
  }),
  (random) => ({
    name: 'a member is removed while their question waits',
    sidecars: 2,
    people: [
      [start('a', 0), { ...queue('b', random.below(2)), member: true }, queue('c', random.below(2))],
      [wait('a', 0), ...(random.below(2) === 0 ? [cancel('b', 0)] : []), resume(1)],
      [{ what: 'remove member', chat: 'c', at: random.below(2) }],
    ],
    faults: { ...NONE, lines: random.below(3), kills: random.below(2) },
  }),
  (random) => ({
    name: 'a branch is made while the answer is written or stopped, or while the chat is deleted',
    sidecars: 2,
    people: [
      [start('a', 0), fork('a', 'f', { now: true, at: 1 }), fork('a', 'g', { now: random.below(2) === 0, at: 0 })],
      [fork('a', 'f', { now: true, at: 0 }), ...[[], [cancel('a', 0)], [remove('c', 0)]][random.below(3)]!],
    ],
    faults: { ...NONE, lines: random.below(3), kills: random.below(2), freezes: random.below(2) },
  }),
  (random) => ({
    name: 'a chat is deleted while a branch of it is made',
    sidecars: 2,
    people: [
      [start('a', 0), fork('a', 'f', { now: true, at: random.below(2) })],
      [wait('a', 1), remove('c', random.below(2))],
    ],
    faults: { ...NONE, lines: random.below(2) },
  }),
  (random) => ({
    name: 'people of a room ask and say something while an answer is written',
    sidecars: 2,
    people: [
      [start('a', 0), { ...queue('b', random.below(2)), member: true }, say('x', random.below(2))],
      [say('y', 1), ...(random.below(2) === 0 ? [cancel('a', 0), resume(1)] : [read('a', 1)]), say('z', 0)],
    ],
    faults: { ...NONE, lines: 2, kills: random.below(2), freezes: random.below(2) },
  }),
];

export const SCENARIO_COUNT = SCENARIOS.length;

export const scenarioOf = (random: Random, index = random.below(SCENARIOS.length)): Scenario =>
  SCENARIOS[index]!(random);

function start(question: string, at: number, chat = 'c'): Act {
  return { what: 'start', chat, question, at };
}
function queue(question: string, at: number): Act {
  return { what: 'start', chat: 'c', question, at, waits: true };
}
function say(word: string, at: number): Act {
  return { what: 'say', chat: 'c', word, at };
}
/** A change of one waiting question, or the removal of all waiting questions. */
function change(random: Random, at: number): Act {
  const question = random.below(2) === 0 ? 'b' : 'c';
  const what = (['take out', 'move', 'edit', 'send', 'discard'] as const)[random.below(5)]!;
  return what === 'discard' ? { what, chat: 'c', at } : { what, chat: 'c', question, at };
}
function fork(question: string, forkId: string, { now, at }: { now: boolean; at: number }): Act {
  return { what: 'fork', chat: 'c', question, forkId, now, at };
}
function resume(at: number): Act {
  return { what: 'resume', chat: 'c', at };
}
function wait(question: string, at: number): Act {
  return { what: 'wait', chat: 'c', question, at };
}
function remove(chat: string, at: number): Act {
  return { what: 'delete', chat, at };
}
function page(chat: string, at: number): Act {
  return { what: 'page', chat, at };
}
function read(question: string, at: number): Act {
  return { what: 'read', chat: 'c', question, at };
}
function cancel(question: string, at: number): Act {
  return { what: 'cancel', chat: 'c', question, at };
}
function pack(at: number): Act {
  return { what: 'pack', at };
}
function look(at: number): Act {
  return { what: 'look', chat: 'c', at };
}
