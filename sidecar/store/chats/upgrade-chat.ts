import type { StoredMessage } from '../../../shared/chat/messages.ts';
import type { RedisConnection } from '../redis/redis-connection.ts';
import { MESSAGE_FIELD } from './chat-fields.ts';
import { packMessage, type PackedMessage } from './message-codec.ts';

/**
 * Upgrades a chat that an older release stored. That release stored only the field `m:<id>` of each message, as plain JSON. This
 * function adds the other fields, for example the message's place in the tree.
 */
export async function upgradeChat({
  redis,
  key,
  messageArgs,
}: {
  redis: Pick<RedisConnection, 'bulk' | 'commands' | 'call' | 'callBulk'>;
  key: string;
  messageArgs(message: PackedMessage): (string | Buffer)[];
}): Promise<void> {
  const fields = (await redis.callBulk(redis.bulk.hGetAll(key))) as unknown as Record<string, Buffer>;
  const messages = Object.entries(fields)
    .filter(([name]) => MESSAGE_FIELD.test(name))
    .map(([, json]) => JSON.parse(json.toString()) as StoredMessage);
  const packed = await Promise.all(inOrder(messages).map(packMessage));
  await redis.call(redis.commands.upgradeChat([key], packed.flatMap(messageArgs)));
}

/** Sorted by time, but with parents always before their children, because clocks may have differed. */
function inOrder(messages: StoredMessage[]): StoredMessage[] {
  const ids = new Set(messages.map(({ id }) => id));
  const children = Map.groupBy(messages, ({ parentId }) => (parentId !== null && ids.has(parentId) ? parentId : null));
  const placed: { message: StoredMessage; at: string; depth: number }[] = [];
  let level = (children.get(null) ?? []).map((message) => ({ message, at: message.createdAt, depth: 0 }));
  while (level.length > 0) {
    placed.push(...level);
    level = level.flatMap(({ message, at, depth }) =>
      (children.get(message.id) ?? []).map((child) => ({
        message: child,
        at: child.createdAt > at ? child.createdAt : at,
        depth: depth + 1,
      })),
    );
  }
  return placed.sort((a, b) => a.at.localeCompare(b.at) || a.depth - b.depth).map(({ message }) => message);
}
