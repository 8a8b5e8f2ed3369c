/**
 * `npm run doctor`: checks what Rejoin needs on this machine. Prints one line per check, with what to do. Exit code 1
 * if something fails.
 */
import { endWithReader } from './shared/closed-pipe.ts';
import { examine } from './doctor/examine.ts';
import { findingLine } from './doctor/finding.ts';
import { dataDir, inRoot } from './shared/paths.ts';
import { loadSettings } from './shared/settings.ts';
import { runCommand } from './shared/start-error.ts';

endWithReader();
await runCommand(async () => {
  let exitCode = 0;
  const settings = loadSettings({ envFile: inRoot('.env'), env: process.env });
  for await (const finding of examine({ settings, dataDir })) {
    process.stdout.write(`${findingLine(finding)}\n`);
    if (finding.level === 'fail') exitCode = 1;
  }
  return exitCode;
});
