import type { StoredMessage } from '../../../shared/chat/messages.ts';
import type { Author } from '../../../shared/chat/rooms.ts';
import { chatKey, queueKey } from '../redis/keys.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { roleRefusal, turnRefusal, type RoleRefusal } from '../rooms/role-refusal.ts';
import type { After, Enqueued, NewTurn, Question, QueueChange, QueueStore, WaitingTurn } from './chat-queue.ts';
import { packMessage, unpackMessage, type PackedMessage } from './message-codec.ts';

/** The queues of chats in Redis. `enqueue.lua` describes the fields. */
export function createRedisChatQueue({
  redis,
  ttlMs,
}: {
  redis: RedisConnection;
  ttlMs: number;
}): Omit<QueueStore, 'goOn'> {
  const { commands, bulk, call, callBulk } = redis;
  const keysOf = (userId: string, chatId: string) => [chatKey(userId, chatId), queueKey(userId, chatId)];

  return {
    async enqueue(turn) {
      const { userId, chatId, messageId, streamId, question, instructions, interrupts } = turn;
      const packed = question && (await packQuestion(question));
      const [what, place, facts, interrupted] = (await call(
        commands.enqueue(keysOf(userId, chatId), [
          messageId,
          streamId,
          factsOf(turn, packed),
          packed?.packed ?? '',
          packed?.words ?? '',
          instructions === undefined ? '0' : '1',
          instructions ?? '',
          String(turn.maxWaiting),
          String(turn.maxMessages),
          String(ttlMs),
          interrupts ? '1' : '0',
          turn.member ?? '',
          turn.by ? JSON.stringify(turn.by) : '',
        ]),
      )) as [Enqueued['what'] | RoleRefusal, number, string, string];
      if (what === 'no-role' || what === 'small-role') throw roleRefusal(what);
      if (what !== 'queued') return { what };
      return { what, place, fingerprint: factsIn(facts).fingerprint, interrupted: interrupted || null };
    },

    async queue(userId, chatId, withQuestions = false) {
      const [stream, paused, interrupted, said = [], ...flat] = (await callBulk(
        bulk.queue(keysOf(userId, chatId), [withQuestions ? '1' : '0']),
      )) as [Buffer?, number?, Buffer?, Buffer[]?, ...Buffer[]];
      if (stream === undefined) return null;
      const turns: Promise<WaitingTurn>[] = [];
      for (let i = 0; i < flat.length; i += 5) turns.push(turnIn(flat.slice(i, i + 5)));
      return {
        stream: stream.toString() || null,
        isPaused: paused === 1,
        interrupted: interrupted?.toString() || null,
        turns: await Promise.all(turns),
        said: await Promise.all(said.map((packed) => unpackMessage(packed, null))),
      };
    },

    async changeQueue(userId, chatId, change, member = null) {
      const [isDone, stream, ...removed] = (await call(
        commands.changeQueue(keysOf(userId, chatId), await argsOf(change, member ?? '')),
      )) as [0 | 1, string, ...string[]] | [RoleRefusal] | [];
      if (isDone === 'no-role' || isDone === 'small-role') throw turnRefusal(isDone);
      return isDone === undefined ? null : { isDone: isDone === 1, stream: stream || null, removed };
    },
  };
}

async function argsOf(change: QueueChange, member: string): Promise<(string | Buffer)[]> {
  switch (change.what) {
    case 'discard':
      return [change.what, '', member];
    case 'move':
      return [change.what, change.messageId, member, String(change.place)];
    case 'edit': {
      const { chars, bytes, packed, words } = await packQuestion(change.question);
      return [change.what, change.messageId, member, String(chars), String(bytes), packed, words];
    }
    default:
      return [change.what, change.messageId, member];
  }
}

/** A packed message does not contain its parent, so a question can be packed before its parent is known. */
const packQuestion = (question: Question): Promise<PackedMessage> => packMessage(question as StoredMessage);

/** The value of `q:<message id>`. The model comes last, because its id may have spaces. */
function factsOf(turn: NewTurn, packed: PackedMessage | null): string {
  const { streamId, questionId, after, fingerprint, createdAt, modelId } = turn;
  return [
    streamId,
    questionId,
    formatAfter(after),
    packed?.chars ?? 0,
    packed?.bytes ?? 0,
    fingerprint,
    createdAt,
    modelId,
  ].join(' ');
}

function factsIn(facts: string) {
  const [streamId = '', questionId = '', after = '', , , fingerprint = '', createdAt = '', ...modelId] =
    facts.split(' ');
  const followsVersions = /^>\d/.test(after);
  return { streamId, questionId, followsVersions, fingerprint, createdAt, modelId: modelId.join(' ') };
}

/** The third value of `q:<message id>` (enqueue.lua). */
function formatAfter(after: After): string {
  if (after === 'newest') return '>';
  return 'branchOf' in after ? `>${after.count ?? ''}/${after.branchOf}` : (after.id ?? '/');
}

async function turnIn([id, facts, packed, by, under]: Buffer[]): Promise<WaitingTurn> {
  const question = packed!.length === 0 ? null : await unpackMessage(packed!, null);
  const author = by!.length === 0 ? null : (JSON.parse(by!.toString()) as Author);
  return {
    messageId: id!.toString(),
    ...factsIn(facts!.toString()),
    under: under!.toString() || null,
    by: author,
    question,
  };
}
