import { messageText } from '../../shared/chat/message-text.ts';
import type { SharedMessage, SharedPage } from '../../shared/chat/shares.ts';
import { closeMarkdown } from '~/markdown/close-markdown.ts';
import { fill, type Words } from '~/words/words.ts';

export const authorOf = ({ role, by, modelId }: SharedMessage, { shared }: Words): string =>
  role === 'user' ? (by ?? shared.question) : modelId ? fill(shared.answerBy, { model: modelId }) : shared.answer;

/** Why an answer is incomplete; `null` if it is complete. */
export const endingOf = ({ status, role }: SharedMessage, { thread, shared }: Words): string | null =>
  role !== 'assistant' || status === undefined || status === 'completed'
    ? null
    : { cancelled: thread.stopped, error: thread.failed, partial: shared.partial }[status];

export function sharedAsMarkdown(page: SharedPage, words: Words): string {
  const pieces = [`# ${oneLine(page.title)}`];
  if (page.instructionsText) pieces.push(`> ${page.instructionsText.replaceAll('\n', '\n> ')}`);
  if (page.isCut) pieces.push(`*${words.shared.cut}*`);
  for (const message of page.messages) {
    const ending = endingOf(message, words);
    pieces.push(`## ${oneLine(authorOf(message, words))}`);
    if (message.sentByClient) pieces.push(`*${words.answer.sentByClient}*`);
    pieces.push(closeMarkdown(messageText(message)));
    if (ending !== null) pieces.push(`*${ending}*`);
  }
  if (page.stream !== null) pieces.push(`*${words.shared.writing}*`);
  return `${pieces.filter((piece) => piece !== '').join('\n\n')}\n`;
}

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

export function sharedAsJson(page: SharedPage): string {
  const { mode, title, createdAt, updatedAt, instructionsText, messages, isCut, stream } = page;
  return `${JSON.stringify({
    title,
    mode,
    createdAt,
    updatedAt,
    ...(instructionsText === undefined ? {} : { instructions: instructionsText }),
    ...(isCut ? { isCut } : {}),
    isWriting: stream !== null,
    messages,
  })}\n`;
}
