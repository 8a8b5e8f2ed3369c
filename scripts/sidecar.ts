/** `npm run sidecar`: the sidecar alone, for a backend of your own. It finds or starts a Redis like `npm start`. */
import { launch } from './launch/launch.ts';
import { runCommand } from './shared/start-error.ts';

await runCommand(() => launch({ what: 'sidecar' }));
