import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Chat } from '../../shared/chat.ts';
import { RejoinError } from '../../shared/errors.ts';
import { idSchema } from '../../shared/ids.ts';
import { messageText, type IncomingMessage } from '../../shared/messages.ts';
import { startRequestSchema, type StartRequest } from '../../shared/stream.ts';
import type { Caller } from './sidecar-http.server.ts';
import { getChat, models } from './sidecar.server.ts';

/** What the AI SDK's own server helper sends along. */
export const STOCK_CHAT_HEADERS = { 'x-vercel-ai-ui-message-stream': 'v1' };

/** What a stock `useChat` (AI SDK 5, 6, 7) sends with `DefaultChatTransport`; `modelId` from its `body` option. */
export const stockChatSchema = z.object({
  /** The chat's id. */
  id: idSchema,
  messages: startRequestSchema.shape.messages,
  trigger: z.enum(['submit-message', 'regenerate-message']).default('submit-message'),
  /** The message that is edited or answered anew; a new message comes without. */
  messageId: z.string().optional(),
  modelId: startRequestSchema.shape.modelId.optional(),
  instructions: startRequestSchema.shape.instructions,
});
export type StockChatRequest = z.infer<typeof stockChatSchema>;

/**
 * The start request that a stock one amounts to. The id of the answer is derived, so that sending the same again finds
 * the same stream: from the question's id and, to regenerate, the number of its answers that are kept.
 */
export async function stockStartRequest(caller: Caller, asked: StockChatRequest): Promise<StartRequest> {
  const isNew = asked.trigger === 'submit-message' && asked.messageId === undefined;
  const kept = isNew ? [] : await keptMessages(caller, asked.id);
  const { question, parentId } = questionOf(asked.messages, kept);
  const answers = kept.filter(({ parentId, role }) => parentId === question.id && role === 'assistant').length;
  return {
    chatId: asked.id,
    messageId: answerId(question.id, asked.trigger === 'regenerate-message' ? answers : 0),
    modelId: asked.modelId ?? (await models(caller)).defaultModelId,
    messages: [...asked.messages.slice(0, -1), question],
    ...(parentId === undefined ? {} : { parentId }),
    ...(asked.instructions === undefined ? {} : { instructions: asked.instructions }),
  };
}

/** `answers`: how many of them this question has already. */
export const answerId = (questionId: string, answers: number): string =>
  `answer_${hash(answers === 0 ? questionId : `${questionId} ${answers}`)}`;

/**
 * The message to be answered. An edited one comes with the id of the old one, which is kept: by its text it becomes
 * another message, after the same `parentId`.
 */
export function questionOf(
  messages: IncomingMessage[],
  kept: Chat['messages'],
): { question: IncomingMessage & { id: string }; parentId?: string | null } {
  const last = messages.at(-1);
  if (last?.role !== 'user') {
    throw new RejoinError('invalid_request', { detail: 'messages: the last one must have the role "user"' });
  }
  const text = textOf(last);
  const id = last.id ?? `question_${hash(`${messages.length} ${text}`)}`;
  const old = kept.find((message) => message.id === id);
  if (!old || messageText(old) === text) return { question: { ...last, id } };
  return { question: { ...last, id: `question_${hash(`${id} ${text}`)}` }, parentId: old.parentId };
}

const textOf = ({ parts, content }: IncomingMessage): string => (parts ? messageText({ parts }) : (content ?? ''));

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);

async function keptMessages(caller: Caller, chatId: string): Promise<Chat['messages']> {
  try {
    return (await getChat(caller, chatId)).messages;
  } catch (error) {
    if (error instanceof RejoinError && error.code === 'not_found') return [];
    throw error;
  }
}
