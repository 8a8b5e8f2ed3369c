/** `npm start`: runs the built app, the sidecar and, if none is found, a Redis, until Ctrl-C. */
import { launch } from './launch/launch.ts';
import { runCommand } from './shared/start-error.ts';

await runCommand(() => launch({ what: 'app' }));
