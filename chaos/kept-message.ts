import type { Client } from './client.ts';
import type { Random } from './random.ts';

/** A message as the sidecars return it. */
export interface KeptMessage {
  id: string;
  role: string;
  parentId: string | null;
  status?: string;
  parts: { type: string; text?: string }[];
}

export const keptText = ({ parts }: KeptMessage): string =>
  parts
    .filter(({ type }) => type === 'text')
    .map(({ text }) => text ?? '')
    .join('');

const READ_WITHIN_MS = 60_000;

/** All versions of all messages of a conversation, in the order in which they were added. */
export async function readMessages(
  chatId: string,
  client: Client,
  random: Random,
  { mayBeGone = false } = {},
): Promise<KeptMessage[]> {
  const all: KeptMessage[] = [];
  for (let next: number | null = 0; next !== null;) {
    const call = { path: `/chats/${chatId}/messages?limit=200&after=${next}` };
    const { status, body } = await client.ask(call, { random, withinMs: READ_WITHIN_MS });
    if (status === 404 && mayBeGone) return [];
    if (status !== 200) throw new Error(`the request for the messages of ${chatId} got ${status} ${body}`);
    const page = JSON.parse(body) as { messages: KeptMessage[]; next: number | null };
    all.push(...page.messages);
    next = page.next;
  }
  return all;
}
