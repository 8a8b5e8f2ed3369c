import type { TestProject } from 'vitest/node';
import { shareCompiledCode } from './compile-cache.ts';
import { startRedis } from './start-redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The common Redis server of this test run. Each test uses user and chat ids of its own there. */
    redisUrl: string;
  }
}

/** Starts one private Redis for the whole run: `inject('redisUrl')`, or `TEST_REDIS_URL` for processes that tests start. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  shareCompiledCode();
  const redis = await startRedis();
  project.provide('redisUrl', redis.url);
  process.env.TEST_REDIS_URL = redis.url;
  return () => redis.stop();
}
