import type { Chat } from '../../shared/chat/chat.ts';
import { messageText } from '../../shared/chat/message-text.ts';
import type { Role } from '../../shared/chat/rooms.ts';
import { answerErrorSentence, fill, type Words } from '~/words/words.ts';
import type { QueueRequest } from './queue/use-queue.ts';
import type { Ending } from './use-ending.ts';

/** The part of a chat's state whose changes are announced to screen readers. `sentencesAbout` compares two scenes. */
export interface Scene {
  /** The version of the chat that is shown. When the person changes to another version, nothing is announced. */
  leafId: string | null;
  /** The id of the answer that has begun last; `null` if none has begun on this page. */
  writing: string | null;
  ending: Ending | null;
  role: Role | null;
  /** What `heardIn` returns for the chat. */
  heard: readonly Heard[];
  /** The person's own questions that wait. */
  waits: readonly { id: string; place: number }[];
  isHeld: boolean;
  /** Number of questions that cannot be sent, because the browser is offline. */
  unsent: number;
}

interface Heard {
  id: string;
  /** ISO 8601. */
  at: string;
  sentence: string;
}

/** If more messages than this come at once, only their number is announced. */
const MAX_HEARD = 3;

/** The sentences that announce what has happened between two scenes of a chat. */
export function sentencesAbout(before: Scene, after: Scene, words: Words): string[] {
  const { status, people, thread } = words;
  if (before.leafId !== after.leafId) return [];
  const sentences: string[] = [];
  if (after.ending && after.ending.count !== before.ending?.count) sentences.push(endingSentence(words, after.ending));
  if (after.isHeld && !before.isHeld) sentences.push(thread.queue.heldNow);

  const heard = newlyHeard(before.heard, after.heard);
  if (heard.length > MAX_HEARD) sentences.push(fill(people.newMessages, { count: heard.length }));
  else sentences.push(...heard.map(({ sentence }) => sentence));

  if (after.writing !== null && after.writing !== before.writing) sentences.push(status.running);
  if (after.unsent > before.unsent) sentences.push(thread.queue.unsent);
  for (const { id, place } of after.waits) {
    if (before.waits.some((turn) => turn.id === id)) continue;
    sentences.push(place === 1 ? thread.queue.waitsNext : fill(thread.queue.waitsAt, { place }));
  }
  const { role } = after;
  if (before.role !== null && role !== before.role && (role === 'editor' || role === 'viewer'))
    sentences.push(people.roleNow[role]);
  return sentences;
}

/** The sentence that confirms that the person has changed the queue. Only moving and removing a question are confirmed. */
export function queueSentences({ method, body }: QueueRequest, { thread }: Words): string[] {
  const { place, action } = Object(body) as { place?: number; action?: string };
  if (method === 'DELETE' || action === 'discard') return [thread.queue.removed];
  return place === undefined ? [] : [fill(thread.queue.moved, { place })];
}

/**
 * The messages that are newer than all messages in `before`. Older messages that come into view, for example after somebody has
 * edited a question, are left out.
 */
function newlyHeard(before: readonly Heard[], after: readonly Heard[]): Heard[] {
  if (before === after) return [];
  const known = new Set(before.map(({ id }) => id));
  const until = before.reduce((latest, { at }) => (at > latest ? at : latest), '');
  return after.filter(({ id, at }) => !known.has(id) && at > until);
}

function endingSentence(words: Words, { how, reason }: Ending): string {
  const { status } = words;
  switch (how) {
    case 'complete':
      return status.complete;
    case 'stopped':
      return status.stopped;
    case 'cut-off':
      return status.cutOff;
    case 'failed':
      return fill(status.failed, { reason: reason ? answerErrorSentence(words, reason.code, reason.text) : '' }).trim();
  }
}

/** The maximum number of characters of a message that are announced. The rest is cut off. */
const MAX_CHARS = 300;

/**
 * The messages of a room that are announced when they are new. To ask is to send a question to the model; to say is to write a
 * message that only people read. The questions of other people are announced, and everything that anybody says, also what the
 * person at this page says. Pass the chat as the server has rendered it, without the older messages that the page has loaded since.
 */
export function heardIn({ room, messages, said, queue, stream }: Chat, { people, status }: Words): Heard[] {
  if (!room) return [];
  const heard = (message: Chat['said'][number], isAsked: boolean): Heard[] => {
    const { id, by, createdAt, role } = message;
    if (role !== 'user' || !by) return [];
    const isOwn = by.userId === room.userId;
    // For the person's own question, the page announces instead that its answer begins or that the question waits.
    if (isOwn && isAsked) return [];
    const who = isOwn ? people.youSaid : fill(isAsked ? people.asked : people.said, { name: by.name });
    return [{ id, at: createdAt, sentence: fill(status.heard, { who, text: beginningOf(messageText(message)) }) }];
  };
  return [
    ...messages.flatMap((message, at) => {
      const next = messages[at + 1];
      return heard(message, next ? next.role === 'assistant' : stream !== null);
    }),
    ...said.flatMap((message) => heard(message, false)),
    ...queue.turns.flatMap(({ question, by, createdAt }) =>
      question ? heard({ ...question, parentId: null, createdAt, ...(by ? { by } : {}) }, true) : [],
    ),
  ];
}

function beginningOf(text: string): string {
  const characters = [...text];
  return characters.length <= MAX_CHARS ? text : `${characters.slice(0, MAX_CHARS).join('')}…`;
}
