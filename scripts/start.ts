/** `npm start`: the built app, the sidecar and, where there is none, a Redis, until Ctrl-C. */
import { launch } from './launch/launch.ts';
import { runCommand } from './shared/start-error.ts';

await runCommand(() => launch({ what: 'app' }));
