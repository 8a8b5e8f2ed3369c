/**
 * What every `npm start|dev|test|sidecar|token|streams|doctor|build|bench|soak` runs first, on whatever Node is there: installs the
 * packages and the pinned Node where they are missing, then hands over to `scripts/<command>.ts`, run by that Node. Plain
 * JavaScript without dependencies, for Node 18 or newer. Says nothing when there is nothing to do, and what it says
 * goes to stderr: the output of `token` and `streams` is for other programs.
 */
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findNode } from './bootstrap/find-node.mjs';
import { installPackages } from './bootstrap/install.mjs';
import { runChild } from './bootstrap/run-child.mjs';
import { SetupError } from './bootstrap/setup-error.mjs';

const COMMANDS = ['start', 'dev', 'sidecar', 'token', 'streams', 'doctor', 'test', 'build', 'bench', 'soak'];
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
