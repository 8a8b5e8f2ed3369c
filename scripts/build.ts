/** `npm run build`: the app, from its sources, into build/. */
import { buildApp } from './launch/build-app.ts';
import { runCommand } from './shared/start-error.ts';

await runCommand(async () => {
  await buildApp({ force: true });
  return 0;
});
