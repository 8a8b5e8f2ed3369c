import type { TestProject } from 'vitest/node';
import { shareCompiledCode } from './compile-cache.ts';
import { startRedis } from './start-redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of the Redis server that the test files share. Each test uses its own user ids and chat ids on this server. */
    redisUrl: string;
  }
}

/** Starts one Redis server for the whole run. Tests get its URL by `inject('redisUrl')`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shareCompiledCode();
  const redis = await startRedis();
  project.provide('redisUrl', redis.url);
  return () => redis.stop();
}
