import { createClient } from 'redis';
import { chatKey, userChatsKey } from '../../sidecar/store/redis/keys.ts';
import type { Stack } from '../stack/start-stack.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Changes a chat as if its last message was sent this many days ago. */
export async function ageChat({ redisUrl }: Stack, chatId: string, days: number): Promise<void> {
  const redis = await createClient({ url: redisUrl ?? undefined })
    .on('error', () => {}) // if the connection fails, the commands below reject
    .connect();
  try {
    const changedMs = Date.now() - days * DAY_MS;
    const updatedAt = new Date(changedMs).toISOString();
    const keys = await redis.keys(chatKey('*', chatId));
    await Promise.all(keys.map((key) => redis.hSet(key, { updatedAt })));
    const lists = await redis.keys(userChatsKey('*'));
    await Promise.all(lists.map((key) => redis.zAdd(key, { value: chatId, score: changedMs }, { condition: 'XX' })));
  } finally {
    redis.destroy();
  }
}
