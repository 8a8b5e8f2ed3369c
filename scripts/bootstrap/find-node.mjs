import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npm } from './npm.mjs';
import { SetupError } from './setup-error.mjs';

/**
 * The path of a Node that runs our TypeScript: the pinned one from node_modules, repaired if its binary is missing (it
 * comes by an install script, which may have been switched off), else the one that runs us if that is new enough.
 */
export async function findNode({ root, say }) {
  const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies.node;
  const pinned = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  const isThere = () => existsSync(pinned) && versionOf(pinned) === `v${wanted}`;
  if (isThere()) return pinned;

  say(`Fetching Node ${wanted} …`);
  const code = await npm(['rebuild', 'node', '--ignore-scripts=false', '--loglevel=error'], { root });
  if (code > 128) throw new SetupError('', code); // Ctrl-C
  if (isThere()) return pinned;

  if (runsTypeScript(process.versions.node)) {
    say(`Node ${wanted} could not be fetched; going on with Node ${process.versions.node}.`);
    return process.execPath;
  }
  throw new SetupError(
    `Node ${wanted} could not be fetched, and Node ${process.versions.node} is too old: please install Node 24 or newer.`,
  );
}

const versionOf = (node) => spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout?.trim();

/** Node strips types without a flag from 22.18 on; the odd releases are past their end. */
export function runsTypeScript(version) {
  const [major, minor] = version.split('.').map(Number);
  return major === 22 ? minor >= 18 : major >= 24 && major !== 25;
}
