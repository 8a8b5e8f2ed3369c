import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { inRoot } from '../../scripts/shared/paths.ts';
import type { Env } from '../../scripts/shared/settings.ts';

/** A service of docker-compose.yml. Only the keys that tests use are declared here, but the object has all keys of the file. */
export interface ComposeService {
  image?: string;
  build?: string;
  command: string[];
  environment?: Record<string, string>;
  env_file?: { path: string; required: boolean }[];
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  volumes?: string[];
  ports?: string[];
  networks?: string[];
  profiles?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[]; interval?: string; timeout?: string; start_period?: string };
  stop_grace_period?: string;
  mem_limit?: string;
  [key: string]: unknown;
}

export interface ComposeFile {
  services: Record<string, ComposeService>;
  networks: Record<string, object>;
  volumes: Record<string, object>;
  [key: string]: unknown;
}

/** `docker-compose.yml` with its variables filled in. Throws if a required variable is missing. */
export function readComposeFile(env: Env): ComposeFile {
  const text = readFileSync(inRoot('docker-compose.yml'), 'utf8');
  return interpolate(parse(text, { merge: true }), env) as ComposeFile;
}

/** Fills in `${NAME}`, `${NAME:-value if missing}` and `${NAME:?error if missing}`, and replaces `$$` by a dollar. */
function interpolate(value: unknown, env: Env): unknown {
  if (Array.isArray(value)) return value.map((item) => interpolate(item, env));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, interpolate(item, env)]));
  if (typeof value !== 'string') return value;
  return value.replaceAll(/\$\$|\$\{(\w+)(?::([-?])([^}]*))?\}/g, (whole, name?: string, kind?: string, rest = '') => {
    if (whole === '$$' || name === undefined) return '$';
    const given = env[name];
    if (given) return given;
    if (kind === '?') throw new Error(`required variable ${name} is missing a value: ${rest}`);
    return rest;
  });
}

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a duration such as `35s` or `1m30s`. */
export const durationMs = (text: string): number =>
  [...text.matchAll(/(\d+)(ms|s|m|h)/g)].reduce((sum, [, count, unit]) => sum + Number(count) * UNITS[unit!]!, 0);

/** Bytes of a size such as `1gb` or `512m`. */
export function sizeBytes(text: string): number {
  const [, count, unit = ''] = /^(\d+)([kmg]?)b?$/i.exec(text) ?? [];
  return Number(count) * 1024 ** ['', 'k', 'm', 'g'].indexOf(unit.toLowerCase());
}
