/** `npm run sidecar`: the sidecar alone, for a backend of your own, with the same search for Redis. */
import { launch } from './launch/launch.ts';
import { runCommand } from './shared/start-error.ts';

await runCommand(() => launch({ what: 'sidecar' }));
