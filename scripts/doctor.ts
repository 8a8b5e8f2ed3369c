/** `npm run doctor`: what Rejoin needs and finds here, a line each, with what to do. Exit code 1 if something fails. */
import { endWithReader } from './closed-pipe.ts';
import { examine } from './doctor/examine.ts';
import { findingLine } from './doctor/finding.ts';
import { dataDir, inRoot } from './paths.ts';
import { loadSettings } from './settings.ts';
import { runCommand } from './start-error.ts';

endWithReader();
await runCommand(async () => {
  const findings = await examine({ settings: loadSettings({ envFile: inRoot('.env'), env: process.env }), dataDir });
  for (const finding of findings) process.stdout.write(`${findingLine(finding)}\n`);
  return findings.some(({ level }) => level === 'fail') ? 1 : 0;
});
