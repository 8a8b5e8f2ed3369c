import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { BranchMessage } from '../../shared/chat/chat.ts';
import { RejoinError } from '../../shared/errors.ts';
import { chatRefSchema } from '../../shared/chat/rooms.ts';
import { messageText, type IncomingMessage } from '../../shared/chat/messages.ts';
import { startRequestSchema, type StartRequest } from '../../shared/stream/stream.ts';
import type { Caller } from './sidecar-http.server.ts';
import { findMessage } from './find-message.server.ts';
import { models } from './sidecar.server.ts';

/** A header that the AI SDK's own server helper sends. */
export const STOCK_CHAT_HEADERS = { 'x-vercel-ai-ui-message-stream': 'v1' };

/**
 * The body that a stock `useChat` (AI SDK 5, 6, 7) sends with `DefaultChatTransport`. `modelId`, `instructions` and `temporary`
 * come from the transport's `body` option.
 */
export const stockChatSchema = z.object({
  /** The chat's id, or `~<roomId>` for a room. */
  id: chatRefSchema,
  messages: startRequestSchema.shape.messages,
  trigger: z.enum(['submit-message', 'regenerate-message']).default('submit-message'),
  /** The id of the edited question, or of the message to regenerate. Left out for a new question. */
  messageId: z.string().optional(),
  modelId: startRequestSchema.shape.modelId.optional(),
  instructions: startRequestSchema.shape.instructions,
  temporary: startRequestSchema.shape.temporary,
});
export type StockChatRequest = z.infer<typeof stockChatSchema>;

/**
 * Translates the request of a stock `useChat` to a start request. The answer's id is derived from the question's id. For a
 * regeneration, it is also derived from the number of answers that the question already has. So a repeated request finds the stream
 * that the first request started.
 */
export async function stockStartRequest(caller: Caller, asked: StockChatRequest): Promise<StartRequest> {
  const isNew = asked.trigger === 'submit-message' && asked.messageId === undefined;
  const find = async (id: string) => (isNew ? null : findMessage(caller, asked.id, id));
  const asIs = questionIn(asked.messages);
  const old = await find(asIs.id);
  const { question, parentId } = editedQuestion(asIs, old?.message ?? null);
  // If the same edit was sent before, the edited question has answers already.
  const answers = (question.id === asIs.id ? old : await find(question.id))?.answers.length ?? 0;
  return {
    chatId: asked.id,
    messageId: answerId(question.id, asked.trigger === 'regenerate-message' ? answers : 0),
    modelId: asked.modelId ?? (await models(caller)).defaultModelId,
    messages: [...asked.messages.slice(0, -1), question],
    ...(parentId === undefined ? {} : { parentId }),
    ...(asked.instructions === undefined ? {} : { instructions: asked.instructions }),
    ...(asked.temporary === undefined ? {} : { temporary: asked.temporary }),
  };
}

/** `answers`: for a regeneration, the number of answers that the question already has; otherwise 0. */
const answerId = (questionId: string, answers: number): string =>
  `answer_${hash(answers === 0 ? questionId : `${questionId} ${answers}`)}`;

/** The last message. If this message has no id, its id is derived from its text and from the number of messages. */
function questionIn(messages: IncomingMessage[]): Question {
  const last = messages.at(-1);
  if (last?.role !== 'user') {
    throw new RejoinError('invalid_request', { detail: 'messages: the last message must have the role "user"' });
  }
  return { ...last, id: last.id ?? `question_${hash(`${messages.length} ${textOf(last)}`)}` };
}

/**
 * A stock client sends an edited question with the id of the old question, but Rejoin keeps both questions. So a question whose text
 * differs from the stored text becomes another message, with an id of its own and the same `parentId`.
 */
function editedQuestion(
  question: Question,
  old: BranchMessage | null,
): { question: Question; parentId?: string | null } {
  const text = textOf(question);
  if (old === null || messageText(old) === text) return { question };
  return { question: { ...question, id: `question_${hash(`${question.id} ${text}`)}` }, parentId: old.parentId };
}

type Question = IncomingMessage & { id: string };

const textOf = ({ parts, content }: IncomingMessage): string => (parts ? messageText({ parts }) : (content ?? ''));

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);
