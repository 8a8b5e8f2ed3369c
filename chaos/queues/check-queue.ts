import { keptText, type KeptMessage } from '../kept-message.ts';

/** A turn of a conversation with a queue (a question and its answer), and what a person did with it. */
export interface TurnRecord {
  messageId: string;
  questionId: string;
  /** The texts that its question may have: one, or more if it is not known whether an edit came in time. */
  texts: string[];
  /**
   * `answered`: nobody took it out. `taken out`: a person did. `either`: it is not known whether it was taken out
   * before its answer began.
   */
  fate: 'answered' | 'taken out' | 'either';
  waited: boolean;
}

export interface Snapshot {
  /** The turns that waited, in their order. */
  order: string[];
  /** Turns of `order` that were moved afterwards, or may have been. Their place in `order` is not checked. */
  movedLater: Set<string>;
}

/**
 * Checks a conversation after everything has ended. Each turn has one answer or none, as its fate says, with one question before
 * it. The answers are in the order of the queue.
 *
 * @param messages all versions of all messages, in the order in which they were added
 * @param isSetBack Redis lost a part of this conversation. A question may lack its answer. An answer may lack its question, but not
 * if it had to wait, because then both are stored together. The order is not checked.
 */
export function checkQueue({
  messages,
  turns,
  snapshots,
  isSetBack = false,
}: {
  messages: readonly KeptMessage[];
  turns: readonly TurnRecord[];
  snapshots: readonly Snapshot[];
  isSetBack?: boolean;
}): string[] {
  const problems: string[] = [];
  const count = (id: string) => messages.filter((message) => message.id === id).length;
  for (const { messageId, questionId, fate, texts, waited } of turns) {
    const [answers, questions] = [count(messageId), count(questionId)];
    if (answers > 1) problems.push(`${messageId} is there ${answers} times`);
    if (isSetBack ? (waited && questions < answers) || questions > 1 : questions !== answers)
      problems.push(`${messageId} is there ${answers} times, its question ${questions} times`);
    if (answers === 0 && fate === 'answered') problems.push(`${messageId} was lost`);
    if (answers > 0 && fate === 'taken out') problems.push(`${messageId} was answered, although it was taken out`);
    const question = messages.find(({ id }) => id === questionId);
    if (question && !texts.includes(keptText(question)))
      problems.push(`${questionId} says ${JSON.stringify(keptText(question))}, not ${JSON.stringify(texts)}`);
    const answer = messages.find(({ id }) => id === messageId);
    if (answer && answer.parentId !== questionId) problems.push(`${messageId} answers ${answer.parentId}`);
  }

  const known = new Set(turns.flatMap(({ messageId, questionId }) => [messageId, questionId]));
  for (const { id } of messages) if (!known.has(id)) problems.push(`${id} was never sent`);
  if (isSetBack) return problems;
  messages.forEach(({ id, parentId }, at) => {
    const before = messages[at - 1]?.id ?? null;
    if (parentId !== before) problems.push(`${id} follows ${parentId}, but was added after ${before}`);
  });

  const answered = messages.filter(({ role }) => role === 'assistant').map(({ id }) => id);
  for (const { order, movedLater } of snapshots) {
    const expected = order.filter((id) => answered.includes(id) && !movedLater.has(id));
    const found = answered.filter((id) => expected.includes(id));
    if (expected.join() !== found.join())
      problems.push(`${expected.join(', ')} waited in this order, and were answered as ${found.join(', ')}`);
  }
  return problems;
}
