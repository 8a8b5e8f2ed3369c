/** `npm run dev`: as `npm start`, with changes of the sources taken in while it runs. */
import { launch } from './launch/launch.ts';
import { runCommand } from './shared/start-error.ts';

await runCommand(() => launch({ what: 'app', isWatching: true }));
