import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseConfig } from '../../app/process/config.server.ts';
import { adminLinkFile, adminLinkPath } from '../../shared/admin-link.ts';
import type { Env } from '../shared/settings.ts';

/**
 * Makes the path of a link that works once: the browser that opens the link becomes the administrator. The path contains a secret,
 * of which only a hash is stored. `null` if people sign in with Clerk, if ADMIN_USER_IDS names administrators, if other machines can
 * reach the app, or if the settings are wrong.
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
