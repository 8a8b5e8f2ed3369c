/** `npm run sidecar`: the sidecar alone, behind whatever backend, with the same search for Redis. */
import { launch } from './launch.ts';
import { runCommand } from './start-error.ts';

await runCommand(() => launch({ what: 'sidecar' }));
