import type { BranchMessage } from '../../shared/chat/chat.ts';
import type { Room } from '../../shared/chat/rooms.ts';
import type { StreamError } from '~/hooks/stream-error.ts';
import { problemSentence, type Words } from '~/words/words.ts';

/** A message of the visible branch, and its versions: the alternatives that were made by editing or regenerating. */
export interface Turn {
  message: BranchMessage;
  /** The ids of all versions, including the id of `message`, oldest first. */
  versions: string[];
}

/**
 * One branch of a conversation: from the first question to the message `leafId`, and on to the newest descendant of that
 * message. If `leafId` is `null` or unknown, the newest message is used instead.
 *
 * @param messages oldest first: the part of a branch that the server has sent, and the messages added since. The server sends
 *   only one version of each message, and lists the ids of all versions in the message's `versions`.
 */
export function visibleBranch(messages: readonly BranchMessage[], leafId: string | null): Turn[] {
  const known = new Map(messages.map((message) => [message.id, message]));
  const chosen = known.get(leafId ?? '') ?? messages.at(-1);
  if (!chosen) return [];
  const children = groupByParent(messages);
  const seen = new Set([chosen.id]);
  const upTo = [...ancestors(chosen, known, seen), chosen];
  const newest = newestDescendant(chosen, messages, seen);
  const branch = newest ? [...upTo, ...ancestors(newest, known, seen), newest] : upTo;
  return branch.map((message) => ({
    message,
    versions: versionsOf(message, children.get(parentKey(message)) ?? []),
  }));
}

function versionsOf({ role }: BranchMessage, siblings: readonly BranchMessage[]): string[] {
  const known = siblings
    .filter((sibling) => sibling.role === role)
    .flatMap(({ id, versions = [] }) => [...versions, id]);
  return [...new Set(known)];
}

/** Messages without a parent are versions of the first question. */
const parentKey = ({ parentId }: BranchMessage): string => parentId ?? '';

function groupByParent(messages: readonly BranchMessage[]): Map<string, BranchMessage[]> {
  const groups = new Map<string, BranchMessage[]>();
  for (const message of messages) {
    const group = groups.get(parentKey(message));
    if (group) group.push(message);
    else groups.set(parentKey(message), [message]);
  }
  return groups;
}

/** `seen`: the ids of the messages that are already in the branch. If the parents form a cycle, the walk ends at such a message. */
function ancestors(of: BranchMessage, known: ReadonlyMap<string, BranchMessage>, seen: Set<string>): BranchMessage[] {
  const path: BranchMessage[] = [];
  for (let at = known.get(of.parentId ?? ''); at && !seen.has(at.id); at = known.get(at.parentId ?? '')) {
    seen.add(at.id);
    path.unshift(at);
  }
  return path;
}

/** The newest descendant of a message. Messages come after their parents in the list, so one pass is enough. */
function newestDescendant(
  of: BranchMessage,
  messages: readonly BranchMessage[],
  seen: ReadonlySet<string>,
): BranchMessage | undefined {
  const family = new Set([of.id]);
  let newest: BranchMessage | undefined;
  for (const message of messages) {
    if (seen.has(message.id) || !family.has(parentKey(message))) continue;
    family.add(message.id);
    newest = message;
  }
  return newest;
}

/**
 * The name of the person who wrote a message of a room; `null` if the person at this page did. A message without `by` is older
 * than the room, so the chat's owner wrote it.
 */
export function writerOf(
  { by }: Pick<BranchMessage, 'by'>,
  { room, owner }: { room: Pick<Room, 'userId' | 'role'>; owner: string },
): string | null {
  const isOwn = by ? by.userId === room.userId : room.role === 'owner';
  return isOwn ? null : (by?.name ?? owner);
}

/** The name of the other person who stopped an answer; `null` if the person at this page did, or if it is not known who did. */
export const stopperOf = ({ stoppedBy }: Pick<BranchMessage, 'stoppedBy'>, room: Pick<Room, 'userId'> | null) =>
  stoppedBy && stoppedBy.userId !== room?.userId ? stoppedBy.name : null;

export const questionOf = (
  messages: readonly BranchMessage[],
  answer: Pick<BranchMessage, 'parentId'>,
): BranchMessage | undefined => messages.find(({ id }) => id === answer.parentId);

export function metadataOf(metadata: unknown): { dropped: number; cutOff: boolean; sentByClient: boolean } {
  const { droppedMessages, finishReason, sentByClient } = Object(metadata) as Record<string, unknown>;
  return {
    dropped: typeof droppedMessages === 'number' ? droppedMessages : 0,
    cutOff: finishReason === 'length',
    // True if a client sent the answer with its request. The page must not look as if a model of this app had written the answer.
    sentByClient: sentByClient === true,
  };
}

/** Why the answer failed. If there is a `code`, `answerErrorSentence` has the sentence for it, and `text` is the fallback. */
export function reasonOf(error: StreamError | null, words: Words): { code: string | undefined; text: string } | null {
  if (error === null) return null;
  if (error.code === 'generation_failed') return { code: error.reason ?? undefined, text: error.message };
  const code = error.code === 'gone' ? error.code : undefined;
  return { code, text: problemSentence(words, error) };
}

/**
 * True if the error is shown above the composer. An answer that failed or is gone has its error below the answer. If the person took
 * back a question, nothing has failed.
 */
export const isNotice = ({ code }: StreamError): boolean =>
  code !== 'generation_failed' && code !== 'gone' && code !== 'called_off';

/** An answer without any content yet. */
export const placeholder = (id: string, parentId: string | null): BranchMessage => ({
  id,
  role: 'assistant',
  parts: [],
  parentId,
  createdAt: '',
});

export const asQuestion = (id: string, text: string, parentId: string | null): BranchMessage => ({
  id,
  role: 'user',
  parts: [{ type: 'text', text }],
  parentId,
  createdAt: '',
});
