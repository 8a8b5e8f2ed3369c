/** `npm run setup`: installs the programs that the tests need and this machine lacks, and nothing else. */
import { watchStopRequests } from './launch/stop-requests.ts';
import { runCommand } from './shared/start-error.ts';
import { installTestTools } from './test/test-tools.ts';

const { stop: signal, release } = watchStopRequests();
await runCommand(async () => {
  const installed = await installTestTools({ signal });
  if (signal.aborted) return 130;
  process.stdout.write(installed ? 'Everything that the tests need is installed.\n' : 'Nothing was missing.\n');
  return 0;
});
release();
