import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Env } from '../shared/settings.ts';
import { StartError } from '../shared/start-error.ts';

/** The files in `.data/` that keep generated secrets, so that the next start uses the same ones. */
const FILES = { SIDECAR_SECRET: 'sidecar-secret', SESSION_SECRET: 'session-secret' };

export type SecretName = keyof typeof FILES;

/** A secret from the settings, otherwise the one stored in `dataDir`, which is generated if it does not exist yet. */
export function secret(name: SecretName, { settings, dataDir }: { settings: Env; dataDir: string }): string {
  const configured = settings[name];
  if (configured) return configured;
  const file = join(dataDir, FILES[name]);
  mkdirSync(dataDir, { recursive: true });
  try {
    writeFileSync(file, randomBytes(32).toString('base64url'), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}

/** The secret of a sidecar that runs elsewhere. If it is not set, throws a {@link StartError} that says where to find it. */
export function configuredSecret(name: SecretName, { settings, dataDir }: { settings: Env; dataDir: string }): string {
  const configured = settings[name];
  if (configured) return configured;
  const file = join(dataDir, FILES[name]);
  const hint = existsSync(file)
    ? ` If that sidecar was started in this folder, \`cat ${file}\` prints its secret.`
    : '';
  throw new StartError(`SIDECAR_URL names a sidecar that runs elsewhere: set ${name} to that sidecar’s secret.${hint}`);
}
