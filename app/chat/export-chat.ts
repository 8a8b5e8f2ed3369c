import type { BranchMessage, Chat } from '../../shared/chat/chat.ts';
import { messageText } from '../../shared/chat/message-text.ts';
import type { MessagePart, StoredMessage } from '../../shared/chat/messages.ts';
import type { Room } from '../../shared/chat/rooms.ts';
import { closeMarkdown } from '~/markdown/close-markdown.ts';
import { fill, type Words } from '~/words/words.ts';
import { stopperOf, writerOf } from './conversation.ts';

type ChatHead = Pick<Chat, 'chatId' | 'title' | 'createdAt' | 'updatedAt' | 'instructions'>;

interface MarkdownOptions {
  words: Words;
  /** `null`: a chat without members. */
  room: Pick<Room, 'userId' | 'role'> | null;
  /** The name of the room's owner. */
  owner: string;
}

/**
 * A conversation as Markdown, piece by piece.
 *
 * @param turns the messages of one branch, oldest first
 */
export async function* chatAsMarkdown(
  { title, instructions }: ChatHead,
  turns: AsyncIterable<BranchMessage>,
  { words, room, owner }: MarkdownOptions,
): AsyncGenerator<string> {
  const { common, shared, thread } = words;
  yield `# ${title}\n\n`;
  if (instructions) yield `> ${shared.instructions}: ${instructions.replaceAll('\n', '\n> ')}\n\n`;
  for await (const { role, modelId, status = 'completed', ...message } of turns) {
    const answerer = modelId ? fill(shared.answerBy, { model: modelId }) : shared.answer;
    const stopper = stopperOf(message, room);
    const stopped = stopper === null ? thread.stopped : fill(thread.stoppedBy, { name: stopper });
    const note = { completed: null, cancelled: stopped, error: thread.failed, partial: shared.partial }[status];
    const asker = (room && writerOf(message, { room, owner })) ?? common.you;
    yield `## ${role === 'user' ? asker : answerer}\n\n${closeMarkdown(messageText(message))}`;
    yield note === null ? '\n\n' : `\n\n*${note}*\n\n`;
  }
}

/**
 * A conversation as JSON, piece by piece. Each message is one line without indentation, so that deep nesting adds no white space.
 *
 * @param messages all versions of all messages, in the order in which they were added
 */
export async function* chatAsJson(
  { chatId, title, createdAt, updatedAt, instructions }: ChatHead,
  messages: AsyncIterable<StoredMessage>,
): AsyncGenerator<string> {
  const head = JSON.stringify({ chatId, title, createdAt, updatedAt, instructions });
  yield `${head.slice(0, -1)},"messages":[`;
  let before = '\n';
  for await (const message of messages) {
    yield before + JSON.stringify({ ...message, parts: message.parts.map(withoutSecrets) });
    before = ',\n';
  }
  yield '\n]}\n';
}

/** Fields with data that must be sent back to a provider, such as signatures. They mean nothing to a person, so they are left out. */
const PROVIDER_FIELDS = new Set(['providerMetadata', 'callProviderMetadata', 'resultProviderMetadata']);

const withoutSecrets = (part: MessagePart): MessagePart =>
  Object.fromEntries(Object.entries(part).filter(([name]) => !PROVIDER_FIELDS.has(name))) as MessagePart;

/** A name that is valid in every file system. Windows reserves some names for devices. */
export function exportFileName(title: string, format: 'md' | 'json'): string {
  const name = title
    .normalize('NFKD')
    .replace(/[^A-Za-z0-9]+/g, '-')
    .slice(0, 60)
    .replace(/^-|-$/g, '')
    .toLowerCase();
  return `${name === '' || /^(con|prn|aux|nul|com\d|lpt\d)$/.test(name) ? `chat${name && `-${name}`}` : name}.${format}`;
}
