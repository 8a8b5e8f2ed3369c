import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';
import { isPatched, runsTypeScript } from './node-version.mjs';
import { npm } from './npm.mjs';
import { SetupError } from './setup-error.mjs';

const PROGRAM = process.platform === 'win32' ? 'node.exe' : 'node';

/**
 * The path of the Node that runs our TypeScript: the pinned one in node_modules, which is the tested one. If its binary is missing
 * (its install script may be disabled) or lacks a security fix, a patched Node of this machine is used. If this machine has no
 * patched Node, a missing binary is fetched.
 */
export async function findNode({ root, say }) {
  const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies.node;
  const pinned = join(root, 'node_modules', 'node', 'bin', PROGRAM);
  const isThere = () => existsSync(pinned) && versionOf(pinned) === wanted;
  const ofMachine = () => machineNodes({ root });

  let found = [...(isThere() ? [{ path: pinned, version: wanted }] : [])];
  if (found.length === 0 || !isPatched(wanted)) found = [...found, ...ofMachine()];
  const usable = chooseNode(found);
  if (usable && (usable.path === pinned || isPatched(usable.version))) return usable.path;

  if (!isThere()) {
    say(`Fetching Node ${wanted} …`);
    const code = await npm(['rebuild', 'node', '--ignore-scripts=false', '--loglevel=error'], { root });
    if (code > 128) throw new SetupError('', code); // Ctrl-C
    if (isThere()) return pinned;
  }
  if (usable) {
    say(`Node ${wanted} could not be fetched. Using Node ${usable.version} instead.`);
    return usable.path;
  }
  throw new SetupError(
    `Node ${wanted} could not be fetched, and Rejoin does not run on Node ${process.versions.node}. Install Node 24 or 26.`,
  );
}

/**
 * Of several Nodes, in order of preference, the first that runs TypeScript and has the security fix; else the first
 * that runs TypeScript; else `null`.
 */
export function chooseNode(nodes) {
  const usable = nodes.filter(({ version }) => runsTypeScript(version));
  return usable.find(({ version }) => isPatched(version)) ?? usable[0] ?? null;
}

/** The Node that runs this script and those on the PATH, without the one in our node_modules, which npm puts on the PATH. */
function machineNodes({ root }) {
  const own = realpathSync(join(root, 'node_modules')) + sep;
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const paths = [process.execPath, ...folders.map((folder) => join(folder, PROGRAM))]
    .filter((path) => existsSync(path))
    .map((path) => realpathSync(path))
    .filter((path) => !path.startsWith(own));
  return [...new Set(paths)].flatMap((path) => {
    const version = versionOf(path);
    return version === null ? [] : [{ path, version }];
  });
}

/** A version such as `26.10.0`; `null` if the program is not a working Node. */
function versionOf(node) {
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  return /^v(\d+\.\d+\.\d+\S*)/.exec(stdout ?? '')?.[1] ?? null;
}
