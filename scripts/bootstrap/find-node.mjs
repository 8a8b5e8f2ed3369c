import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { delimiter, join, sep } from 'node:path';
import { isPatched, runsTypeScript } from './node-version.mjs';
import { npm } from './npm.mjs';
import { SetupError } from './setup-error.mjs';

const PROGRAM = process.platform === 'win32' ? 'node.exe' : 'node';

/**
 * The path of the Node that runs our TypeScript. The first choice is the pinned Node: the version in package.json, which is the tested
 * one and is installed into node_modules. If the pinned Node is missing (npm may be set to run no install scripts) or lacks the
 * security fix that node-version.mjs names, a Node of this machine with the fix is used. If this machine has no such Node, the pinned
 * Node is fetched if it is missing.
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
 * Returns the first Node that runs TypeScript and has the security fix. If there is none, returns the first Node that runs
 * TypeScript; `null` if no Node does. `nodes`: in order of preference.
 */
export function chooseNode(nodes) {
  const usable = nodes.filter(({ version }) => runsTypeScript(version));
  return usable.find(({ version }) => isPatched(version)) ?? usable[0] ?? null;
}

/**
 * The Nodes of this machine: the Node that runs this script, and every Node on the PATH. npm puts `node_modules/.bin` on the PATH, so
 * programs in our node_modules are left out.
 */
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
