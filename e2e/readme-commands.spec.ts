import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRoot } from '../scripts/shared/paths.ts';
import { sidecarToken } from '../app/testing/tokens.ts';
import { expect, test } from './stack/quick-demo.ts';
import type { Stack } from './stack/start-stack.ts';

/** The tests run every shell block of the README and of docs/ that begins with this line. */
const MARK = '# tested\n';

const pages = [
  'README.md',
  ...readdirSync(inRoot('docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const blocks = pages.flatMap((page) =>
  [...readFileSync(inRoot(page), 'utf8').matchAll(/^```sh\n(# tested\n.*?)^```$/gms)].map(([, block]) =>
    block!.slice(MARK.length),
  ),
);

/** Puts the stack's URL in place of http://localhost:3000, and a token in place of each call of `npm run token`. */
async function forStack(block: string, stack: Stack): Promise<string> {
  let command = block.replaceAll('http://localhost:3000', stack.baseURL);
  for (const [line, userId] of block.matchAll(/\$\(npm run --silent token -- ([\w.@|-]+)\)/g)) {
    command = command.replaceAll(line, await sidecarToken({ secret: stack.sidecarSecret, userId: userId! }));
  }
  return command;
}

/**
 * Wraps the machine's `curl` and `redis-cli` so that the exit code of every call is noted, also inside a pipe. curl's
 * codes: 22 for a status of 400 or more, 18 or 56 for a response that was cut, 23 if the reader (`head`) closed the pipe.
 * 99 is our own code for a `redis-cli` that printed nothing. Every `redis-cli` command in the blocks reads a key that exists, so
 * it must print something.
 */
const shell = ({ stack, codes }: { stack: Stack; codes: string }): string => `
set -eu
note() { echo "$1 $2" | tr '\\n' ' ' >> '${codes}'; echo >> '${codes}'; return "$1"; }
curl() { local code=0; command curl --fail-with-body "$@" || code=$?; note $code "curl $*"; }
redis-cli() {
  local code=0 said
  said=$(command redis-cli -e -p ${stack.redis!.port} "$@") || code=$?
  if [ -z "$said" ]; then code=99; fi
  echo "$said"
  note $code "redis-cli $*"
}
`;

test('the README and docs/ have commands for each endpoint of /api/stream and for Redis', () => {
  const all = blocks.join('\n');
  for (const part of ['start', 'status/', 'resume/', 'active', 'cancel/', 'cleanup']) {
    expect(all).toContain(`http://localhost:3000/api/stream/${part}`);
  }
  expect(all).toContain('redis-cli');
});

test('the commands of the README and of docs/ run as they are printed', async ({ stack }) => {
  test.setTimeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-readme-'));
  const codes = join(folder, 'codes');
  try {
    const commands = await Promise.all(blocks.map((block) => forStack(block, stack)));
    const { code, output } = await runBash(shell({ stack, codes }) + commands.join('\n'), folder);
    await test.info().attach('output', { body: output, contentType: 'text/plain' });
    const noted = readFileSync(codes, 'utf8').trim().split('\n');
    const failed = noted.filter((line) => !/^(0|23) /.test(line));
    expect(failed, output).toEqual([]);
    expect(code, output).toBe(0);
    const calls = (text: string) => text.split('\n').filter((line) => /^[^#]*\b(curl|redis-cli) /.test(line)).length;
    expect(noted).toHaveLength(calls(commands.join('\n')));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function runBash(script: string, cwd: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const bash = spawn('bash', ['-s'], { cwd, stdio: ['pipe', 'pipe', 'pipe'], timeout: 100_000 });
    let output = '';
    for (const stream of [bash.stdout, bash.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    bash.once('error', reject);
    bash.once('close', (code) => resolve({ code, output }));
    bash.stdin.end(script);
  });
}
