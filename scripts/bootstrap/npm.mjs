import { runChild } from './run-child.mjs';

/** Runs npm and resolves to its exit code. If npm runs this script, the same npm is used. */
export function npm(args, { root }) {
  const script = process.env.npm_execpath;
  const [command, first] = script && /npm-cli\.c?js$/.test(script) ? [process.execPath, [script]] : ['npm', []];
  // npm's output goes to stderr, because a program may read stdout.
  return runChild(command, [...first, ...args], { cwd: root, stdio: ['ignore', process.stderr, process.stderr] });
}
