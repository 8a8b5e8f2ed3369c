import { pathToFileURL } from 'node:url';
import { inRoot } from '../shared/paths.ts';
import type { Env } from '../shared/settings.ts';
import type { Service } from './supervisor.ts';
import { answersHttp } from '../shared/wait.ts';

const GRACE_MS = 2_000;
/** After DRAIN_MS, the sidecar may need up to 8 s to hand its answers over. */
const HAND_OVER_MS = 10_000;
const PRELOAD = ['--import', pathToFileURL(inRoot('scripts/launch/die-with-parent.mjs')).href];

export interface ServiceOptions {
  env: Env;
  host: string;
  port: number;
  isWatching: boolean;
}

export function sidecarService({ env, host, port, isWatching }: ServiceOptions): Service {
  return {
    name: 'sidecar',
    command: process.execPath,
    args: [...(isWatching ? ['--watch', '--watch-preserve-output'] : []), ...PRELOAD, inRoot('sidecar/main.ts')],
    env: { ...env, ...SUPERVISED, HOST: host, SIDECAR_PORT: String(port) },
    graceMs: Number(env.DRAIN_MS) + HAND_OVER_MS,
    ready: () => answersHttp(`${httpAddress(host, port)}/healthz`),
  };
}

export function appService({ env, host, port, isWatching }: ServiceOptions): Service {
  const server = isWatching
    ? [
        inRoot('node_modules/@remix-run/dev/dist/cli.js'),
        'vite:dev',
        '--strictPort',
        `--host=${host}`,
        `--port=${port}`,
      ]
    : [inRoot('app/process/serve.ts')];
  return {
    name: 'app',
    command: process.execPath,
    args: [...PRELOAD, ...server],
    env: { ...env, ...SUPERVISED, HOST: host, PORT: String(port) },
    graceMs: GRACE_MS,
    ready: () => answersHttp(`${httpAddress(host, port)}/healthz`),
  };
}

const SUPERVISED = { SUPERVISOR_PID: String(process.pid) };

/** The URL by which programs on this machine reach a server that listens on the address `host` of this machine. */
export function httpAddress(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '') return `http://127.0.0.1:${port}`;
  if (host === '::') return `http://[::1]:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
