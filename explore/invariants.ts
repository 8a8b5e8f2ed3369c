import { keysOf, logOf, type StreamKeys } from './stream-keys.ts';
import { bytesKey, heldKey, userStreamsKey } from '../sidecar/store/redis/keys.ts';
import type { Database } from './redis/database.ts';
import type { Request } from './redis/client.ts';
import { checkWholeLog } from '../testing/whole-log.ts';
import { answerTo } from './scripted-model.ts';
import { messageIdOf, USER, type Person } from './people.ts';

/** Indexes of what runs. They have no lifetime while something runs, and are empty once nothing does. */
const OF_WHAT_RUNS = [/^active_streams$/, /^user_streams:/];

export class Violation extends Error {
  constructor(promise: string, detail: string) {
    super(`${promise}: ${detail}`);
    this.name = 'Violation';
  }
}

/** A promise of PROTOCOL.md, as it stands there, and what was found instead. */
function hold(promise: string, isKept: boolean, detail: () => string): void {
  if (!isKept) throw new Violation(promise, detail());
}

/** What must hold after every step. It looks only at the log that the step has changed. */
export function createStepCheck(db: Database) {
  const logs = new Map<string, { text: string; isEnded: boolean }>();

  return function check({ name, keys, args, script }: Request): void {
    for (const key of script === undefined ? args.slice(0, 1) : keys) checkLifetime(db, key);
    const logKey = keys.find((key) => key.endsWith(':log'));
    if (logKey === undefined) return;
    for (const key of keys) if (key.endsWith(':log')) checkLog(name, key);
  };

  function checkLog(name: string, key: string): void {
    const log = logOf(db, key.slice('{stream:'.length, -'}:log'.length));
    const before = logs.get(key) ?? { text: '', isEnded: false };
    if (log === null) return void logs.delete(key);
    if (name === 'pack') hold('Packing changes no byte of a log', log === before.text, () => key);
    if (log.length === before.text.length) return;
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

function checkLifetime(db: Database, key: string): void {
  const isKept = OF_WHAT_RUNS.some((pattern) => pattern.test(key)) || db.ttl(key) !== null;
  hold('Every key has a lifetime', isKept || db.command('EXISTS', [key]) === 0, () => key);
}

/** A call of the model, and the conversation that it was given. */
export interface Asked {
  question: string;
  messageIds: readonly string[];
}

export interface Aftermath {
  db: Database;
  person: Person;
  asked: readonly Asked[];
  /** Left out: what a person stores is not counted. */
  chatsPerUser?: number;
  /** Chat of each question that was asked. */
  chats: ReadonlyMap<string, string>;
  streamIdOf(chat: string, messageId: string): string;
  /** Redis restarted without its last writes: what was lost with them is not held against anybody. */
  hasLostWrites: boolean;
  /** A force cleanup removes streams that have ended. */
  wasForced: boolean;
}

/** What must hold once everything is quiet. */
export function checkQuiet(after: Aftermath): void {
  const { db, person, chats } = after;
  hold('Nothing fails in a way that nobody expected', person.problems.length === 0, () => person.problems.join('\n'));
  for (const [question, chat] of chats) {
    const streamId = after.streamIdOf(chat, messageIdOf(question));
    checkStream(after, keysOf(db, streamId, `chat:${USER}:${chat}`), question);
  }
  checkIndexes(after);
  for (const key of db.keys()) checkLifetime(db, key);
  if (after.chatsPerUser !== undefined) checkQuota(db, after.chatsPerUser);
}

/** What is counted for a person adds up, and is no more than they may have. */
function checkQuota(db: Database, chatsPerUser: number): void {
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
  hold('Nobody has more chats than they may have', stored.length <= chatsPerUser, () => stored.join(' '));
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
    // Also if the process that deleted the chat died: then cleanup removes them.
    const isGone = status === undefined || status === 'deleted';
    hold('A stream does not outlive its chat', isGone, () => `${question}: ${status}`);
    return;
  }
  if (status === undefined || status === 'deleted') {
    const mayBeGone = hasLostWrites || wasForced || isDeleted || !person.started.has(question);
    hold('A stream whose start was answered exists', mayBeGone, () => question);
  } else {
    hold('Every stream ends', status !== 'active' && status !== 'sealed', () => `${question} is ${status}`);
    const ended = checkWhole(log, question);
    hold('Status, proof and outcome agree', ended.status === status, () => `${ended.status} and ${status}`);
    hold(
      'No byte is lost or doubled',
      whole.startsWith(ended.text),
      () => `${question}: ${JSON.stringify(ended.text)}`,
    );
    if (status === 'completed')
      hold('Completed is the whole answer', ended.text === whole, () => JSON.stringify(ended.text));
    if (person.cancelled.has(question) && !hasLostWrites)
      hold('A cancel that was answered is a fact', status === 'cancelled', () => `${question} is ${status}`);
    if (!hasLostWrites && state !== null) {
      const copy = JSON.parse(Buffer.from(state, 'latin1').toString()) as {
        status: string;
        accumulatedContent: string;
      };
      hold(
        'The copy agrees with the log',
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

function checkWhole(log: string, question: string): ReturnType<typeof checkWholeLog> {
  try {
    return checkWholeLog(Buffer.from(log, 'latin1'));
  } catch (error) {
    throw new Violation('A log ends once, and its proof is right', `${question}: ${(error as Error).message}`);
  }
}

/** A reader has a beginning of the log, or was told to begin anew and has a beginning of that. */
function checkShown({ person, hasLostWrites }: Aftermath, question: string, log: string): void {
  for (const { question: asked, bytes, isDone } of person.shown) {
    if (asked !== question || hasLostWrites) continue;
    const text = bytes.toString('latin1');
    hold(
      'What a reader was shown is a beginning of the log',
      log.startsWith(text),
      () => `${question}: ${text.slice(-120)}`,
    );
    if (isDone) hold('A reader at the end has all of the log', text === log, () => `${text.length} of ${log.length}`);
  }
}

/** Every call of the model, also one after a takeover, was given the branch that leads to its question, and all of it. */
function checkAsked({ asked }: Aftermath, { chat }: StreamKeys, question: string): void {
  const branch: string[] = [];
  for (let id: string | undefined = `q-${question}`; id; id = /^.(\S*)/.exec(chat.get(`t:${id}`) ?? '')?.[1])
    branch.unshift(id);
  for (const { messageIds } of asked.filter((call) => call.question === question))
    hold(
      'The model is asked with the whole branch',
      messageIds.join(' ') === branch.join(' '),
      () => `${question}: ${messageIds.join(' ')}, and the branch is ${branch.join(' ')}`,
    );
}

function checkIndexes({ db, hasLostWrites }: Aftermath): void {
  if (hasLostWrites) return;
  const active = db.command('ZRANGE', ['active_streams', '0', '-1']) as string[];
  hold('The index of active streams is empty when none is active', active.length === 0, () => active.join(' '));
  const mine = db.command('SMEMBERS', [`user_streams:${USER}`]) as string[];
  hold("A person's set holds active streams only", mine.length === 0, () => mine.join(' '));
}
