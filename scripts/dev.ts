/** `npm run dev`: like `npm start`, but reloads when sources change. */
import { launch } from './launch/launch.ts';
import { runCommand } from './shared/start-error.ts';

await runCommand(() => launch({ what: 'app', isWatching: true }));
