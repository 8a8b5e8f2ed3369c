/** `npm run streams -- list | show <id> | tail <id> | cancel <id> | cleanup [--force]`: everybody's answers. */
import { parseArgs } from 'node:util';
import { endWithReader } from './shared/closed-pipe.ts';
import { dataDir, inRoot } from './shared/paths.ts';
import { secret } from './launch/secrets.ts';
import { loadSettings } from './shared/settings.ts';
import { runCommand, StartError } from './shared/start-error.ts';
import { listLines, showLines } from './streams/describe.ts';
import { createSidecarClient, sidecarUrl, type SidecarClient } from './streams/sidecar-client.ts';
import { tail } from './streams/tail.ts';

const USAGE = `Usage: npm run streams -- <command>
  list              the answers that are being written, everybody's
  show <id>         one of them: whose, how far, and how it ended
  tail <id>         its text from the beginning, as it comes; Ctrl-C stops the reading, not the answer
  cancel <id>       stops it, wherever it is written
  cleanup [--force] removes what is past its time; --force: all that has ended or has no owner
--json (any but tail) prints the sidecar's answer as it is.`;

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
  if (command === 'tail') return follow(client, streamId);
  const { answer, lines } = await ask(client, { command, streamId, isForced });
  print(asJson ? [JSON.stringify(answer)] : lines);
  return 0;
});

/** The sidecar's answer, and the same in words. */
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
        lines: [`${answer.streamId} is ${answer.status}, after ${answer.lastEventId ?? 'no event yet'}`],
      };
    }
    case 'cleanup': {
      const answer = await client.cleanup(isForced ? 'force' : 'expired');
      const { scanned, removed, mended, recovered } = answer;
      return { answer, lines: [`scanned ${scanned}, removed ${removed}, mended ${mended}, recovered ${recovered}`] };
    }
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

function readArguments(): { command: Command; streamId: string; isForced: boolean; asJson: boolean } | 'help' {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        force: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false, short: 'h' },
      },
    });
    if (values.help) return 'help';
    const [name, streamId = '', ...more] = positionals;
    const command = COMMANDS.find((known) => known === name);
    const takesId = command === 'show' || command === 'tail' || command === 'cancel';
    if (!command || more.length > 0 || takesId !== (streamId !== '') || (values.force && command !== 'cleanup'))
      throw new StartError(USAGE);
    return { command, streamId, isForced: values.force, asJson: values.json };
  } catch (error) {
    if (error instanceof TypeError) throw new StartError(`${error.message}\n${USAGE}`); // What parseArgs throws.
    throw error;
  }
}
