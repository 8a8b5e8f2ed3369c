import { runChild } from './run-child.mjs';

/** Runs npm, the very one that runs us where there is one, and resolves to its exit code. */
export function npm(args, { root }) {
  const script = process.env.npm_execpath;
  const [command, first] = script && /npm-cli\.c?js$/.test(script) ? [process.execPath, [script]] : ['npm', []];
  // What npm prints is for the person who waits; stdout may be read by a program.
  return runChild(command, [...first, ...args], { cwd: root, stdio: ['ignore', process.stderr, process.stderr] });
}
