import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './npm.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * Installs the packages of package-lock.json into node_modules, if this lock file is not installed yet. `.rejoin-installed` holds
 * the hash of the lock file that was installed last.
 */
export async function installPackages({ root, say }) {
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
  const hash = createHash('sha256').update(lock).digest('hex');
  const stamp = join(root, 'node_modules', '.rejoin-installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;

  if (!installedByHand({ root, lock })) {
    say('Installing packages (only now and when package-lock.json changes; about a minute) …');
    // The build needs the development packages, which npm leaves out if NODE_ENV is "production".
    const code = await npm(['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'], { root });
    if (code > 128) throw new SetupError('', code); // Ctrl-C
    if (code !== 0) throw new SetupError('The packages could not be installed: `npm ci` failed, see above.', code);
  }
  writeFileSync(stamp, hash);
}

/** True if somebody has already run `npm ci` or `npm install`: npm's own record of what is installed matches the lock file. */
function installedByHand({ root, lock }) {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  return Object.entries(JSON.parse(lock).packages).every(
    ([path, entry]) => path === '' || entry.optional || installed[path]?.version === entry.version,
  );
}
