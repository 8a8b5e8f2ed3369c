/**
 * The first step of `npm start`, `npm test` and the other commands below. Runs on any Node from 18 on. Installs the packages and
 * the Node version of package.json if they are missing, and then runs `scripts/<command>.ts`. This file and its imports are plain
 * JavaScript without dependencies, because they run before anything is installed. If nothing is missing, they print nothing. All
 * their output goes to stderr, because other programs read the stdout of `token` and `streams`.
 */
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode } from './bootstrap/find-node.mjs';
import { installPackages } from './bootstrap/install.mjs';
import { runChild } from './bootstrap/run-child.mjs';
import { SetupError } from './bootstrap/setup-error.mjs';

const COMMANDS = [
  'start',
  'dev',
  'sidecar',
  'token',
  'streams',
  'doctor',
  'setup',
  'test',
  'build',
  'bench',
  'size',
  'soak',
  'record',
];
const root = fileURLToPath(new URL('..', import.meta.url));
const say = (line) => process.stderr.write(`${line}\n`);
const [command, ...args] = process.argv.slice(2);

try {
  if (!COMMANDS.includes(command)) {
    throw new SetupError(`Usage: node scripts/bootstrap.mjs ${COMMANDS.join('|')}`);
  }
  await installPackages({ root, say });
  const node = await findNode({ root, say });
  process.exitCode = await runChild(node, [join(root, 'scripts', `${command}.ts`), ...args], {
    cwd: root,
    env: { ...process.env, PATH: `${join(root, 'node_modules', '.bin')}${delimiter}${process.env.PATH ?? ''}` },
  });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  if (error.message) say(error.message);
  process.exitCode = error.exitCode;
}
