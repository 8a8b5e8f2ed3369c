import { lastEventIdOf } from '../sidecar/streams/log/read-frames.ts';
import { keysOf, logOf, type StreamKeys } from './stream-keys.ts';
import { bytesKey, heldKey, metaKey, userStreamsKey } from '../sidecar/store/redis/keys.ts';
import type { Database, Reply } from './redis/database.ts';
import { checkWholeLog } from '../testing/whole-log.ts';
import { answerTo, edited } from './scripted-model.ts';
import { USER } from './names.ts';
import { messageIdOf, type Fork, type Person } from './people.ts';
import type { Host } from './virtual-time.ts';
import type { Executed } from './world.ts';

/** Indexes of active streams. They have no lifetime while a stream is active, and are empty afterwards. */
const OF_WHAT_RUNS = [/^active_streams$/, /^user_streams:/];

export class Violation extends Error {
  constructor(promise: string, detail: string) {
    super(`${promise}: ${detail}`);
    this.name = 'Violation';
  }
}

/** Throws if a promise of PROTOCOL.md is broken. `detail`: what was found instead. */
function hold(promise: string, isKept: boolean, detail: () => string): void {
  if (!isKept) throw new Violation(promise, detail());
}

/**
 * Creates the check of what must hold after every step, that is, after every call that Redis has executed. The check reads only the
 * logs that the call has used.
 *
 * This file is longer than others, so that all promises that the explorer checks are in one place.
 */
export function createStepCheck(db: Database, now: () => number) {
  const logs = new Map<string, { text: string; isEnded: boolean }>();

  const metas = createMetaCheck(db, now);
  const tenures = createTenureCheck();
  const turns = createTurnCheck(db);

  function check(executed: Executed): void {
    const { name, keys, args, script } = executed.request;
    for (const key of script === undefined ? args.slice(0, 1) : keys) checkLifetime(db, key);
    if (script !== undefined) metas.check(executed);
    tenures.check(executed);
    turns.check(executed);
    const logKey = keys.find((key) => key.endsWith(':log'));
    if (logKey === undefined) return;
    for (const key of keys) if (key.endsWith(':log')) checkLog(name, key);
  }

  return { check, checkSpeaker: tenures.checkSpeaker, turns: turns.turns, forget: metas.forget };

  function checkLog(name: string, key: string): void {
    const log = logOf(db, key.slice('{stream:'.length, -'}:log'.length));
    const before = logs.get(key) ?? { text: '', isEnded: false };
    if (log === null) return void logs.delete(key);
    if (log.length === before.text.length) {
      if (name === 'pack') hold('Packing changes no byte of a log', log === before.text, () => key);
      return void logs.set(key, { text: log, isEnded: before.isEnded });
    }
    const from = log.length > before.text.length && name !== 'rewrite' ? before.text.length : 0;
    hold('After [DONE] nothing is appended', !(before.isEnded && from > 0), () => `${key} grew by ${name}`);
    let position = from;
    for (const frame of log.slice(from).split(/(?<=\n\n)/)) {
      position += frame.length;
      const id = /\nid: [^\n]*-(\d+)\n\n$/.exec(frame);
      hold(
        'Each frame names the position after it',
        Number(id?.[1]) === position,
        () => `${key} at ${position}: ${frame}`,
      );
    }
    logs.set(key, { text: log, isEnded: log.includes('data: [DONE]\n', from) });
  }
}

interface Facts {
  status: string | null;
  epoch: string | null;
  outcome: string | null;
  lease: number;
  chat: string;
}

/** Checks who owns a stream and until when, and how the stream ends (PROTOCOL.md 5.4, 7 and 8). */
function createMetaCheck(db: Database, now: () => number) {
  const known = new Map<string, Facts>();
  const removed = new Set<string>();
  /** Meta keys of the streams that were sealed while they waited in a queue. No answer is written to these streams. */
  const unwritten = new Set<string>();

  function factsOf(key: string): Facts & { released: string | null } {
    const names = ['status', 'epoch', 'outcome', 'lease', 'chatId', 'released'];
    const [status, epoch, outcome, lease, chat, released] = db.command('HMGET', [key, ...names]) as string[];
    return {
      status: status!,
      epoch: epoch!,
      outcome: outcome!,
      lease: Number(lease),
      chat: chat!,
      released: released!,
    };
  }

  function check({ request: { name, keys, args }, reply }: Executed): void {
    const metas = keys.filter((key) => key.endsWith(':meta'));
    metas.forEach((key, i) => {
      const result = Array.isArray(reply) ? (reply as Reply[])[name === 'renew' ? i : 0]! : reply;
      const [before, facts] = [known.get(key), factsOf(key)];
      known.set(key, facts);
      if (before?.status === 'queued' && facts.status === 'sealed') unwritten.add(key);
      checkOwner({ name, key, before, facts, result, epoch: args[3 + i] });
      if (name === 'close') checkRepeatedClose(key, before, result, args[1]);
      if (name === 'remove' && facts.status !== 'active') removed.add(key);
      if (name === 'create' && result === 1) checkCreated(key, before, facts);
      if (name === 'rewrite' && result === 1) {
        hold('A deleted stream is not taken for a lost one', !removed.has(key), () => key);
        const isOwn = before?.status !== 'active' || before.epoch === args[0];
        hold('Only the owner writes a lost log again', isOwn, () => `${key} belonged to ${before?.epoch}`);
      } else if (before !== undefined && name !== 'create') checkEnd(key, before, facts);
    });
  }

  function checkCreated(key: string, before: Facts | undefined, { chat }: Facts): void {
    removed.delete(key);
    const isMissing = before === undefined || before.status === null || before.status === 'deleted';
    hold('A stream is created only if it is missing', isMissing, () => `${key} was ${before?.status}`);
    checkAlone(key, { chat });
  }

  function checkAlone(key: string, { chat }: Pick<Facts, 'chat'>): void {
    for (const [other, facts] of known)
      if (other !== key && facts.chat === chat && !unwritten.has(other))
        hold('One answer at a time is written in a chat', !isRunning(facts.status), () => `${other} and ${key}`);
  }

  return {
    check,
    /** Called when Redis has lost writes: what was known before may not be true any more. */
    forget() {
      known.clear();
      removed.clear();
    },
  };

  function checkOwner({ name, key, before, facts, result, epoch }: Owned): void {
    const { status, lease, released } = facts;
    const isClaimed = name === 'claim' && result === 'claimed';
    const isRenewed = name === 'renew' && Number(result) > 0;
    const isNew = /^(create|rewrite|begin)$/.test(name) && result === 1;
    if (isNew && name === 'begin') {
      hold('A turn begins once', before?.status === 'queued', () => `${key} was ${before?.status}`);
      checkAlone(key, facts);
    }
    if (isClaimed && before?.status === 'active')
      hold('A lease that runs is not taken', before.lease <= now(), () => `${key} was leased`);
    if (isRenewed)
      hold('Only the owner renews a lease', facts.epoch === epoch && !released, () => `${key}: ${facts.epoch}`);
    if (isClaimed || isRenewed || isNew)
      hold('An owner has a lease', status === 'active' && lease > now(), () => `${key} ${status}, after ${name}`);
    if (name === 'release' && result === 1) hold('A handover gives the lease up', lease === 0, () => key);
  }
}

/** Checks that an owner stops its model call as soon as a reply of Redis says that the owner is fenced (PROTOCOL.md 5.4 and 7). */
function createTenureCheck() {
  /** By host and meta key: the epoch that the host got, and whether a reply has told the host that it is fenced. */
  const tenures = new Map<string, { epoch: string; isOver: boolean }>();

  return {
    check({ host, request: { name, keys, args }, reply, isHeard }: Executed) {
      if (!/^(create|begin|rewrite|claim|append|renew)$/.test(name)) return;
      const results = reply as Reply[];
      const metas = keys.filter((key) => key.endsWith(':meta'));
      metas.forEach((key, i) => {
        const tenure = `${host.name} ${key}`;
        if (name === 'claim' && results[0] === 'claimed')
          return tenures.set(tenure, { epoch: String(results[1]), isOver: false });
        if (reply === 1) return tenures.set(tenure, { epoch: args[name === 'begin' ? 0 : 1]!, isOver: false });
        const known = tenures.get(tenure);
        const [epoch, isRefused] =
          name === 'append' ? [args[3 * i + 1], results[2 * i] === 2] : [args[3 + i], results[i] === -2];
        if (isHeard && isRefused && known?.epoch === epoch) known!.isOver = true;
      });
    },
    checkSpeaker(host: Host, streamId: string) {
      const isOver = tenures.get(`${host.name} ${metaKey(streamId)}`)?.isOver === true;
      hold('A fenced owner stops its model call', !isOver, () => `${host.name} goes on with ${streamId}`);
    },
  };
}

/**
 * Checks the turns of queues. A turn is a question that waits in a queue, together with the answer that will be written to it. In this
 * function, a turn is identified by the message id of its answer. `settle.lua` ends a turn and chooses the next one.
 */
function createTurnCheck(db: Database) {
  /** By chat: the stream that the chat points at. */
  const pointers = new Map<string, string | null>();
  /**
   * The turns that were put into a queue. The turns of one queue are in the order of this queue. A turn is left out if an earlier
   * request had already put its question into the chat.
   */
  const queued: string[] = [];
  const takenOut = new Set<string>();
  const edited = new Set<string>();
  /** By queue: the stream that a person stopped in order to begin a waiting turn immediately. */
  const interrupted = new Map<string, string>();
  /** By stream: its turn. */
  const messageOf = new Map<string, string>();
  /** By turn: the member who asked. */
  const askers = new Map<string, string>();
  /** User ids of the members who were removed. */
  const removed = new Set<string>();
  /** The turns that waited in each queue after the last step. */
  const waiting = new Map<string, readonly string[]>();
  const inQueue = (queue: string) => db.command('LRANGE', [queue, '0', '-1']) as string[];

  function noteChange(
    queue: string,
    [what, id, , place]: readonly string[],
    [isDone, pointsAt, ...ids]: Reply[],
  ): void {
    if (isDone !== 1) return;
    if (what === 'edit') edited.add(id!);
    if (what === 'remove' || what === 'discard') for (const each of ids) takenOut.add(String(each));
    if (what === 'move' || what === 'first') noteMove(queue, id!, what === 'first' ? 1 : Number(place));
    if (what === 'first' && pointsAt !== '') interrupted.set(queue, String(pointsAt));
    if (inQueue(queue).length === 0) interrupted.delete(queue);
  }

  function noteMove(queue: string, id: string, place: number): void {
    const left = inQueue(queue);
    hold('A turn gets the place that a person chose', left.indexOf(id) === Math.min(place, left.length) - 1, () => id);
    // In `queued`, the turns that wait in this queue come last, in their new order.
    const last = left.filter((each) => queued.includes(each));
    queued.splice(0, queued.length, ...queued.filter((each) => !last.includes(each)), ...last);
  }

  /** `settle.lua` drops the turns of removed members. These turns count as taken out. */
  function noteDropped(queue: string, chosen: string | null): void {
    const left = inQueue(queue);
    for (const id of waiting.get(queue) ?? []) {
      if (left.includes(id) || id === chosen) continue;
      hold('Only turns of removed members are dropped', removed.has(askers.get(id) ?? ''), () => id);
      takenOut.add(id);
    }
  }

  function checkChosen(id: string): void {
    hold('A turn that was taken out is never chosen', !takenOut.has(id), () => id);
    hold('A turn of a removed member is never chosen', !removed.has(askers.get(id) ?? ''), () => id);
  }

  function noteQueued(key: string, [messageId, , facts]: readonly string[]): void {
    const questionId = facts!.split(' ')[1]!;
    const isPlaced = db.command('HEXISTS', [key, `t:${questionId}`]) === 1;
    if (!isPlaced && !queued.includes(messageId!)) queued.push(messageId!);
  }

  return {
    turns: { queued, takenOut, edited },
    check({ request: { name, keys, args, script }, reply }: Executed) {
      const key = (script === undefined ? args : keys).find((each) => each.startsWith('chat:'));
      if (key === undefined) return;
      const [before, now] = [pointers.get(key) ?? null, db.command('HGET', [key, 'stream']) as string | null];
      pointers.set(key, now);
      if (name === 'enqueue' && (reply as Reply[])[0] === 'queued') noteQueued(key, args);
      if (name === 'enqueue') messageOf.set(args[1]!, args[0]!);
      if (name === 'enqueue' && args[11] !== '') askers.set(args[0]!, args[11]!);
      if (name === 'removeMember' && reply === 1) removed.add(args[0]!);
      if (name === 'changeQueue') noteChange(keys[1]!, args, reply as Reply[]);
      if (name === 'settle') {
        const isNew = now !== null && now !== before;
        const chosen = isNew ? (messageOf.get(now) ?? null) : null;
        const mayGoOn = args[0] === before && interrupted.get(keys[1]!) === before && before !== null;
        noteDropped(keys[1]!, chosen);
        const isHeld = mayGoOn && now === null && inQueue(keys[1]!).length > 0;
        hold('The turn that interrupts an answer follows it', !isHeld, () => `${key} after ${before}`);
        if (chosen !== null) checkChosen(chosen);
      }
      const queue = keys[1];
      if (queue !== undefined && /^(enqueue|changeQueue|settle|deleteChat)$/.test(name))
        waiting.set(queue, inQueue(queue));
      if (name !== 'settle' || now === null || now === before) return;
      hold(
        'A queue is held after an answer that is not complete',
        args[0] === '' || before !== args[0] || args[6] === 'completed' || interrupted.get(keys[1]!) === before,
        () => `${key}: ${now} after ${before}`,
      );
    },
  };
}

/** An owner that repeats a close because the reply was lost is told `already`. Any other caller is told `fenced`. */
function checkRepeatedClose(key: string, before: Facts | undefined, result: Reply, epoch: string | undefined): void {
  if (before === undefined || before.status === null || /^(active|sealed|deleted)$/.test(before.status)) return;
  const answer = before.epoch === epoch ? 'already' : 'fenced';
  hold('A repeated close is recognised', result === answer, () => `${key}: ${JSON.stringify(result)}`);
}

interface Owned {
  name: string;
  key: string;
  before: Facts | undefined;
  facts: Facts & { released: string | null };
  result: Reply;
  /** The epoch in the arguments of a renewal. */
  epoch: string | undefined;
}

const isRunning = (status: string | null): boolean => status === 'active' || status === 'sealed';

function checkEnd(key: string, before: Facts, { status, outcome, epoch }: Facts): void {
  if (before.status === null || /^(active|queued)$/.test(before.status)) return;
  if (status === null || status === 'deleted') return;
  const detail = () => `${key} was ${before.status} (${before.outcome}), and is ${status} (${outcome})`;
  hold('The first seal wins', outcome === before.outcome, detail);
  if (before.status === 'sealed') hold('A seal is followed by its close', status !== 'active', detail);
  else hold('An end is final', status === before.status, detail);
  if (status === before.status) hold('What has ended keeps its epoch', epoch === before.epoch, detail);
}

function checkLifetime(db: Database, key: string): void {
  const isKept = OF_WHAT_RUNS.some((pattern) => pattern.test(key)) || db.ttl(key) !== null;
  hold('Every key has a lifetime', isKept || db.command('EXISTS', [key]) === 0, () => key);
}

export interface Asked {
  question: string;
  text: string;
  messageIds: readonly string[];
}

export interface Aftermath {
  db: Database;
  person: Person;
  asked: readonly Asked[];
  /** Maximum number of chats of a person. If it is left out, the sidecars do not count what a person stores. */
  chatsPerUser?: number;
  /** By question: the chat in which it was asked. */
  chats: ReadonlyMap<string, string>;
  /** True if Redis restarted without its last writes. Promises that need those writes are not checked then. */
  hasLostWrites: boolean;
  /** The message ids of turns that were put into a queue, in the order of the queue. */
  queued: readonly string[];
  /** The message ids of turns that were taken out while they waited. */
  takenOut: ReadonlySet<string>;
  /** The message ids of turns whose question was edited while they waited. */
  edited: ReadonlySet<string>;
  /** True if there was a forced cleanup, which removes streams that have ended. */
  wasForced: boolean;
}

/** Checks what must hold once everything is at rest. */
export function checkQuiet(after: Aftermath): void {
  const { db, person, chats } = after;
  hold('No request fails in an unexpected way', person.problems.length === 0, () => person.problems.join('\n'));
  for (const [question, chat] of chats) {
    const streamId = person.streamIdOf(chat, question);
    checkStream(after, keysOf(db, streamId, `chat:${USER}:${chat}`), question);
  }
  checkIndexes(after);
  for (const [forkId, fork] of person.forks) checkFork(after, forkId, fork);
  if (!after.hasLostWrites) checkSaid(after);
  if (!after.hasLostWrites) checkOrder(after);
  for (const key of db.keys()) checkLifetime(db, key);
  if (after.chatsPerUser !== undefined) checkQuota(after, after.chatsPerUser);
}

function checkQuota({ db, person }: Aftermath, chatsPerUser: number): void {
  const owner = userStreamsKey(USER);
  const flat = db.command('HGETALL', [bytesKey(owner)]) as string[];
  const counts = new Map(flat.flatMap((name, i) => (i % 2 === 0 ? [[name, Number(flat[i + 1])] as const] : [])));
  const members = [...counts].filter(([name]) => name !== '=' && name !== '#');
  const held = db.command('ZRANGE', [heldKey(owner), '0', '-1']) as string[];
  const sum = members.reduce((total, [, bytes]) => total + bytes, 0);
  const chats = members.filter(([name]) => name.startsWith('c')).length;
  const detail = () => JSON.stringify([...counts]);
  hold('The bytes of a person are the sum of what they store', sum === (counts.get('=') ?? 0), detail);
  hold('The chats of a person are counted', chats === (counts.get('#') ?? 0), detail);
  hold('What is counted expires', held.length === members.length, detail);
  const stored = db.keys().filter((key) => key.startsWith(`chat:${USER}:`));
  // A start that Redis did not answer in time gives its place in the count back, but may still have created its chat.
  const most = chatsPerUser + person.unanswered.size;
  hold('Nobody has more chats than they may have', stored.length <= most, () => stored.join(' '));
}

function checkStream(after: Aftermath, keys: StreamKeys, question: string): void {
  const { person, hasLostWrites, wasForced } = after;
  const { meta, log, state, chat, messages } = keys;
  const isDeleted = person.deleted.has(after.chats.get(question)!);
  const status = meta.get('status');
  const whole = answerTo(question);

  if (isDeleted && !hasLostWrites)
    hold('A deleted chat stays deleted', !chat.has('createdAt'), () => [...chat.keys()].join(' '));
  if (!chat.has('createdAt') && !hasLostWrites) {
    // If the process that deleted the chat died before it removed the chat's streams, a cleanup has removed them.
    const isGone = status === undefined || status === 'deleted';
    hold('A stream does not outlive its chat', isGone, () => `${question}: ${status}`);
    return;
  }
  if (after.takenOut.has(messageIdOf(question)) && !hasLostWrites) return checkTakenOut(after, keys, question);
  if (status === undefined || status === 'deleted') {
    const mayBeGone = hasLostWrites || wasForced || isDeleted || !person.started.has(question);
    hold('If a start was confirmed, its stream exists', mayBeGone, () => question);
  } else {
    if (status === 'queued') return checkWaits(keys, question);
    hold('Every stream ends', status !== 'active' && status !== 'sealed', () => `${question} is ${status}`);
    const ended = checkWhole(log, question);
    hold('Status, proof and outcome agree', ended.status === status, () => `${ended.status} and ${status}`);
    hold(
      'No byte is lost or doubled',
      whole.startsWith(ended.text),
      () => `${question}: ${JSON.stringify(ended.text)}`,
    );
    if (status === 'completed')
      hold('A completed answer is whole', ended.text === whole, () => JSON.stringify(ended.text));
    if (status === 'cancelled')
      hold('Only a person cancels an answer', person.stopped.has(question), () => `${question} was cancelled`);
    if (person.cancelled.has(question) && !hasLostWrites)
      hold(
        'If a cancel was confirmed, the answer is cancelled',
        status === 'cancelled',
        () => `${question} is ${status}`,
      );
    if (!hasLostWrites && state !== null) {
      const copy = JSON.parse(Buffer.from(state, 'latin1').toString()) as {
        status: string;
        accumulatedContent: string;
      };
      hold(
        'The state copy agrees with the log',
        copy.status === status && copy.accumulatedContent === ended.text,
        () => state,
      );
    }
    if (!hasLostWrites && chat.has('createdAt')) {
      const message = messages.get(messageIdOf(question));
      hold(
        'The answer is in its conversation',
        message?.status === status,
        () => `${question}: ${JSON.stringify(message)}`,
      );
    }
    checkShown(after, question, log);
    if (!hasLostWrites) checkAsked(after, keys, question);
  }
  hold('The pointer of a chat is cleared at the end', !chat.has('stream'), () => `${question}: ${chat.get('stream')}`);
}

function checkTakenOut({ asked }: Aftermath, { meta, chat, messages }: StreamKeys, question: string): void {
  const status = meta.get('status');
  const isEnded = status === undefined || status === 'deleted' || status === 'cancelled';
  hold('A turn that was taken out is cancelled', isEnded, () => `${question} is ${status}`);
  const isAsked = asked.some((call) => call.question === question);
  const isStored = chat.has(`t:q-${question}`) || messages.has(messageIdOf(question));
  hold('A turn that was taken out is in no conversation', !isAsked && !isStored, () => question);
}

function checkFork({ db, person, hasLostWrites }: Aftermath, forkId: string, { chat, question, upTo }: Fork): void {
  if (hasLostWrites) return;
  const streamId = person.streamIdOf(chat, question);
  const { chat: fork, messages } = keysOf(db, streamId, `chat:${USER}:${forkId}`);
  hold('A branch that was made exists', fork.has('createdAt'), () => forkId);
  hold('A branch has the question', fork.has(`t:q-${question}`), () => forkId);
  const { chat: origin, log } = keysOf(db, streamId, `chat:${USER}:${chat}`);
  const messageId = messageIdOf(question);
  const isNoted = (origin.get(`k:${messageId}`) ?? '').split(' ').includes(forkId);
  hold('A chat names its branches', !origin.has('createdAt') || isNoted, () => forkId);
  const answer = messages.get(messageId);
  hold('A branch ends with the answer', answer !== undefined, () => forkId);
  const text = (answer!.parts ?? []).map((part) => part.text ?? '').join('');
  hold('A branch has a beginning of the answer', answerTo(question).startsWith(text), () => `${forkId}: ${text}`);
  const [epoch, position] = (upTo ?? '').split('-');
  const [copied] = log.split(`\nid: ${epoch}-${position}\n\n`);
  if (upTo === null || copied === log) return;
  const written = [...copied!.matchAll(/"delta":"([^"]*)"/g)].map(([, delta]) => delta).join('');
  hold('A branch has the answer up to its event id', text === written, () => `${forkId}: ${text} and ${written}`);
}

function checkSaid({ db, person, chats }: Aftermath): void {
  for (const chat of new Set(chats.values())) {
    const key = `chat:${USER}:${chat}`;
    const [createdAt, stream, said] = db.command('HMGET', [key, 'createdAt', 'stream', 'said']) as (string | null)[];
    hold(
      'Messages are held back only while an answer is written',
      said === null || stream !== null,
      () => `${chat}: ${said}`,
    );
    if (createdAt === null) continue;
    for (const [id, where] of person.said)
      if (where === chat)
        hold('What was said is in its conversation', db.command('HEXISTS', [key, `t:${id}`]) === 1, () => id);
  }
}

/** Checks that a turn that still waits at the end is in a held queue, which only a person can resume. */
function checkWaits({ chat }: StreamKeys, question: string): void {
  hold('A turn waits only in a held queue', chat.get('paused') === '1', () => `${question} waits`);
  hold('A turn that waits is in the queue', chat.has(`q:${messageIdOf(question)}`), () => question);
}

function checkOrder({ db, queued, chats }: Aftermath): void {
  const asked = new Map([...chats].map(([question, chat]) => [messageIdOf(question), { question, chat }]));
  const places = queued.flatMap((messageId) => {
    const { question, chat } = asked.get(messageId)!;
    const fields = db.command('HGETALL', [`chat:${USER}:${chat}`]) as string[];
    const at = fields.findIndex(
      (value, i) => i % 2 === 1 && value === `q-${question}` && fields[i - 1]!.startsWith('n:'),
    );
    return at === -1 ? [] : [Number(fields[at - 1]!.slice(2))];
  });
  const isInOrder = places.every((place, i) => i === 0 || place > places[i - 1]!);
  hold(
    'Turns that wait are answered in their order',
    isInOrder,
    () => `${queued.join(' ')} stand at ${places.join(' ')}`,
  );
}

function checkWhole(log: string, question: string): ReturnType<typeof checkWholeLog> {
  try {
    return checkWholeLog(Buffer.from(log, 'latin1'));
  } catch (error) {
    throw new Violation('A log ends once, and its proof is right', `${question}: ${(error as Error).message}`);
  }
}

function checkShown({ person, hasLostWrites }: Aftermath, question: string, log: string): void {
  for (const { question: asked, bytes, isDone } of person.shown) {
    if (asked !== question || hasLostWrites) continue;
    const text = bytes.toString('latin1');
    // A reader whose last event id is not on the log is reset when it reconnects, so its bytes do not count.
    if (!isDone && !isOnLog(log, text)) continue;
    hold(
      'What a reader was shown is a beginning of the log',
      log.startsWith(text),
      () => `${question}: ${text.slice(-120)}`,
    );
    if (isDone) hold('A reader at the end has all of the log', text === log, () => `${text.length} of ${log.length}`);
  }
}

/** PROTOCOL.md 4: an event id is on the log if the log has an `id:` line with this id directly before the id's position. */
function isOnLog(log: string, shown: string): boolean {
  const id = lastEventIdOf(Buffer.from(shown, 'latin1'));
  return id === null || log.slice(0, id.position).endsWith(`\nid: ${id.epoch}-${id.position}\n\n`);
}

/** Checks that a reader was shown only what is stored. A sidecar in memory mode does not promise this. */
export function checkShownIsStored(db: Database, streamId: string, shown: Buffer): void {
  const log = logOf(db, streamId);
  const text = shown.toString('latin1');
  hold(
    'Nothing is shown that is not stored',
    log === null || log.startsWith(text),
    () => `${streamId}: ${text.length} bytes, ends with ${text.slice(-60)}; the log has ${log?.length}`,
  );
}

/** Checks that every call of the model got all messages of the path up to the question. This includes calls after a takeover. */
function checkAsked({ asked, edited: changed }: Aftermath, { chat }: StreamKeys, question: string): void {
  const branch: string[] = [];
  for (let id: string | undefined = `q-${question}`; id; id = /^.(\S*)/.exec(chat.get(`t:${id}`) ?? '')?.[1])
    branch.unshift(id);
  const isEdited = changed.has(messageIdOf(question));
  for (const { text, messageIds } of asked.filter((call) => call.question === question)) {
    hold('An edited question is asked as edited', !isEdited || text === edited(question), () => text);
    hold(
      'The model is asked with all messages before the question',
      messageIds.join(' ') === branch.join(' '),
      () => `${question}: ${messageIds.join(' ')}, and the path is ${branch.join(' ')}`,
    );
  }
}

function checkIndexes({ db, hasLostWrites }: Aftermath): void {
  if (hasLostWrites) return;
  const indexed = db.command('ZRANGE', ['active_streams', '0', '-1']) as string[];
  // A turn that waits stays in the index, so that recovery finds it if the process that chooses it dies.
  const active = indexed.filter((id) => db.command('HGET', [metaKey(id), 'status']) !== 'queued');
  hold('The index of active streams is empty when none is active', active.length === 0, () => active.join(' '));
  const mine = db.command('SMEMBERS', [`user_streams:${USER}`]) as string[];
  hold("A person's set holds active streams only", mine.length === 0, () => mine.join(' '));
}
