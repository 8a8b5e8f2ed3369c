import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

export type Env = Record<string, string | undefined>;

/**
 * The settings of this run, from the environment and the `.env` file; the environment wins. An empty setting counts as
 * missing, so that a line `REDIS_URL=` in `.env` does no harm.
 */
export function loadSettings({ envFile, env }: { envFile: string; env: Env }): Env {
  const file = existsSync(envFile) ? parseEnv(readFileSync(envFile, 'utf8')) : {};
  return { ...withoutEmpty(file), ...withoutEmpty(env) };
}

const withoutEmpty = (env: Env): Env => Object.fromEntries(Object.entries(env).filter(([, value]) => value));
