import type { Chat } from '../../shared/chat.ts';
import { messageText } from '../../shared/message-text.ts';
import { visibleBranch } from './conversation.ts';

/** The branch of a conversation that is shown, as Markdown. */
export function chatAsMarkdown(chat: Chat): string {
  const turns = visibleBranch(chat.messages, null).map(({ message }) => {
    const who = message.role === 'user' ? 'You' : `Assistant${message.modelId ? ` (${message.modelId})` : ''}`;
    const note = message.status === 'cancelled' ? '\n\n*Stopped.*' : message.status === 'error' ? '\n\n*Failed.*' : '';
    return `## ${who}\n\n${messageText(message)}${note}`;
  });
  const instructions = chat.instructions ? [`> Instructions: ${chat.instructions.replaceAll('\n', '\n> ')}`] : [];
  return [`# ${chat.title}`, ...instructions, ...turns, ''].join('\n\n');
}

/** All versions of all messages, as they are kept. */
export const chatAsJson = ({ stream: _stream, ...chat }: Chat): string => `${JSON.stringify(chat, null, 2)}\n`;

/** A name that every file system takes. */
export const exportFileName = (title: string, format: 'md' | 'json'): string =>
  `${
    title
      .normalize('NFKD')
      .replace(/[^A-Za-z0-9]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 60)
      .toLowerCase() || 'chat'
  }.${format}`;
