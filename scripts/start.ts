/** `npm start`: the built app, the sidecar and, where there is none, a Redis, until Ctrl-C. */
import { launch } from './launch.ts';
import { runCommand } from './start-error.ts';

await runCommand(() => launch({ what: 'app' }));
