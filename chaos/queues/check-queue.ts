import { keptText, type KeptMessage } from '../kept-message.ts';

/** A turn (a question and its answer) in a conversation with a queue, and what a person did with the turn. */
export interface TurnRecord {
  messageId: string;
  questionId: string;
  /** The texts that the question may have. There are several if it is not known whether an edit was carried out. */
  texts: string[];
  /**
   * `answered`: nobody took the turn out of the queue. `taken out`: a person took it out. `either`: it is not known whether a person
   * took it out before its answer began.
   */
  fate: 'answered' | 'taken out' | 'either';
  waited: boolean;
}

export interface Snapshot {
  /** Message ids of the turns that waited, in the order of the queue. */
  order: string[];
  /** Turns of `order` that were moved afterwards, or may have been. Their place in `order` is not checked. */
  movedLater: Set<string>;
}

/**
 * Checks a conversation after everything has ended. Each turn must have one answer or none, as its fate says. Each answer must
 * follow its question, and no question may be there without its answer. The answers must be in the order of the queue.
 *
 * @param messages all versions of all messages, in the order in which they were added
 * @param isSetBack True if Redis may have lost a part of this conversation. In that case the order is not checked, a question may lack
 * its answer, and an answer may lack its question. Only the answer to a turn that waited must still have its question: the answer is
 * stored only if the chat points to the answer's stream, and Redis stores this pointer together with the question.
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
