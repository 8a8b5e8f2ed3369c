import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseConfig } from '../../app/process/config.server.ts';
import { adminLinkFile, adminLinkPath } from '../../shared/admin-link.ts';
import type { Env } from '../shared/settings.ts';

/**
 * A path that makes one browser, once, the administrator of an app that only this machine can reach; `null` if administrators are
 * named or sign in. Only a hash of its secret is stored.
 */
export function makeAdminLink(env: Env): string | null {
  const file = firstGuestFile(env);
  if (file === null) return null;
  const token = randomBytes(24).toString('base64url');
  mkdirSync(dirname(file), { recursive: true });
  rmSync(`${adminLinkFile(file)}.used`, { force: true });
  writeFileSync(adminLinkFile(file), createHash('sha256').update(token).digest('hex'), { mode: 0o600 });
  return adminLinkPath(token);
}

function firstGuestFile(env: Env): string | null {
  try {
    return parseConfig(env).firstGuest?.file ?? null;
  } catch {
    return null; // the app itself reports what is wrong with its settings
  }
}
