/** `npm run streams -- list | show <id> | tail <id> | cancel <id> | cleanup [--force]`: shows, stops and removes answers of all users. */
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import type { CleanupAnswer } from '../shared/stream/stream.ts';
import { endWithReader } from './shared/closed-pipe.ts';
import { dataDir, inRoot } from './shared/paths.ts';
import { secret } from './launch/secrets.ts';
import { loadSettings } from './shared/settings.ts';
import { runCommand, StartError } from './shared/start-error.ts';
import { listLines, showLines } from './streams/describe.ts';
import { createSidecarClient, sidecarUrl, type SidecarClient } from './streams/sidecar-client.ts';
import { tail } from './streams/tail.ts';

const USAGE = `Usage: npm run streams -- <command>
  list              lists the answers that are being written, of all users
  show <id>         shows one answer: whose it is, how long it is, and how it ended
  tail <id>         prints the text of an answer from its beginning, while it is written; Ctrl-C stops only the printing
  cancel <id>       stops an answer, whichever sidecar writes it
  cleanup           removes the expired streams of all users
  cleanup --force   removes all streams that have ended or that no process writes, of all users; asks for a
                    confirmation, unless --yes is given
--json prints the result as JSON (not for tail).`;

type Command = 'list' | 'show' | 'tail' | 'cancel' | 'cleanup';
const COMMANDS: readonly Command[] = ['list', 'show', 'tail', 'cancel', 'cleanup'];

const print = (lines: string[]) => process.stdout.write(`${lines.join('\n')}\n`);

endWithReader();
await runCommand(async () => {
  const request = readArguments();
  if (request === 'help') {
    print([USAGE]);
    return 0;
  }
  const { command, streamId, isForced, asJson } = request;
  const settings = loadSettings({ envFile: inRoot('.env'), env: process.env });
  const client = createSidecarClient({
    url: sidecarUrl(settings),
    secret: secret('SIDECAR_SECRET', { settings, dataDir }),
  });
  if (isForced && !request.isConfirmed && !(await isConfirmedByPerson())) {
    process.stderr.write('Nothing was removed.\n');
    return 1;
  }
  if (command === 'tail') return follow(client, streamId);
  const { answer, lines } = await ask(client, { command, streamId, isForced });
  print(asJson ? [JSON.stringify(answer)] : lines);
  return 0;
});

/** A forced cleanup removes streams of all users, so a person has to say yes. */
async function isConfirmedByPerson(): Promise<boolean> {
  if (!process.stdin.isTTY)
    throw new StartError(
      '--force removes all streams that have ended or that no process writes, of all users. Add --yes to skip the confirmation.',
    );
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(
    'Remove all streams that have ended or that no process writes, of all users? [y/N] ',
  );
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function ask(
  client: SidecarClient,
  { command, streamId, isForced }: { command: Exclude<Command, 'tail'>; streamId: string; isForced: boolean },
): Promise<{ answer: unknown; lines: string[] }> {
  switch (command) {
    case 'list': {
      const answer = await client.list();
      return { answer, lines: listLines(answer, Date.now()) };
    }
    case 'show': {
      const answer = await client.show(streamId);
      return { answer, lines: showLines(answer, Date.now()) };
    }
    case 'cancel': {
      const answer = await client.cancel(streamId);
      return {
        answer,
        lines: [
          answer.lastEventId === null
            ? `${answer.streamId} is ${answer.status}; its end is stored when Redis is back`
            : `${answer.streamId} is ${answer.status}, after ${answer.lastEventId}`,
        ],
      };
    }
    case 'cleanup': {
      const answer = await cleanUp(client, isForced ? 'force' : 'expired');
      const { scanned, removed, mended, recovered } = answer;
      return {
        answer,
        lines: [
          `${scanned} streams looked at, ${removed} removed, ${recovered} recovered; ${mended} index entries corrected`,
        ],
      };
    }
  }
}

/** Cleaning up a large Redis takes several requests. Each goes on where the one before stopped. */
async function cleanUp(client: SidecarClient, action: CleanupAnswer['action']): Promise<CleanupAnswer> {
  const sum: CleanupAnswer = { action, scanned: 0, removed: 0, mended: 0, recovered: 0 };
  for (;;) {
    const answer = await client.cleanup(action);
    for (const what of ['scanned', 'removed', 'mended', 'recovered'] as const) sum[what] += answer[what];
    if (!answer.more) return sum;
  }
}

async function follow(client: SidecarClient, streamId: string): Promise<number> {
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  const note = (line: string) => process.stderr.write(`\n${line}\n`);
  const write = (text: string) => void process.stdout.write(text);
  const isWhole = await tail({ client, streamId, write, note, signal: stop.signal });
  process.stdout.write('\n');
  if (!isWhole) return 130;
  const { status, bytes } = await client.show(streamId);
  process.stderr.write(`${status}, ${bytes} bytes\n`);
  return 0;
}

interface Arguments {
  command: Command;
  streamId: string;
  isForced: boolean;
  /** `--yes`: do not ask. */
  isConfirmed: boolean;
  asJson: boolean;
}

function readArguments(): Arguments | 'help' {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        force: { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false, short: 'y' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false, short: 'h' },
      },
    });
    if (values.help) return 'help';
    const [name, streamId = '', ...more] = positionals;
    const command = COMMANDS.find((known) => known === name);
    const takesId = command === 'show' || command === 'tail' || command === 'cancel';
    if (name !== undefined && !command)
      throw new StartError(`There is no command "${name}". The commands are: ${COMMANDS.join(', ')}.\n${USAGE}`);
    if (takesId && streamId === '')
      throw new StartError(`Name a stream: npm run streams -- ${command} <id>. "list" shows the ids.\n${USAGE}`);
    if (!command || more.length > 0 || takesId !== (streamId !== '') || (values.force && command !== 'cleanup'))
      throw new StartError(USAGE);
    return { command, streamId, isForced: values.force, isConfirmed: values.yes, asJson: values.json };
  } catch (error) {
    if (error instanceof TypeError) throw new StartError(`${error.message}\n${USAGE}`); // an option is wrong
    throw error;
  }
}
